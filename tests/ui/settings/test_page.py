"""Settings: saved when changed; what cannot be saved is reverted; a key is never shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.contract.problem_catalogue import Remedy
from backend.contract.problems import failure
from backend.contract.settings import InboxThresholds, LanguageChoice, StackKind, ThemeChoice, UserSettings
from backend.contract.sources import KeyVerdict
from desktop.inventory.scan_status import ScanStatus
from desktop.settings.secrets import SecretSource
from desktop.stack.docker.detection import DockerDetection
from desktop.stack.docker.states import DockerState
from desktop.state.app_state import ScanReported, SettingsSaved, StackChosen, StateStore
from desktop.ui.page_context import PageName
from desktop.ui.pages.settings import SettingsPage
from tests.ui.settings.program import Program, latest, saved, texts
from tests.ui.station import ApiProcess

KEY = "11111111-2222-3333-4444-555555555555"


def test_a_change_is_saved_at_once_and_said_with_what_starts_again(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    page.sources.sources[Source.EUVD].click()
    qtbot.waitUntil(lambda: "Saved. The update services are restarting." in texts(page))
    assert [settings.sources for settings in saved(program)] == [{Source.EUVD: False}]
    page.sources.sources[Source.EUVD].click()
    qtbot.waitUntil(lambda: len(saved(program)) == 2)
    assert latest(program).sources == {}


def test_showing_the_page_saves_nothing(page: SettingsPage, program: Program) -> None:
    page.show_state(page.context.state)
    assert saved(program) == []


def test_changes_made_while_one_is_being_saved_are_all_kept(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    program.gate.clear()
    page.sources.sources[Source.EUVD].click()
    page.sources.sources[Source.EPSS].click()
    page.notifications.quiet.click()
    program.gate.set()
    qtbot.waitUntil(lambda: len(saved(program)) == 2)
    last = latest(program)
    assert last.sources == {Source.EUVD: False, Source.EPSS: False}
    assert last.notifications.quiet_hours.enabled
    assert not page.sources.sources[Source.EUVD].isChecked()


def test_what_cannot_be_saved_goes_back_and_is_said(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    program.failing = OpenThreatError("The settings cannot be saved", "The disk is full.")
    page.sources.sources[Source.NVD].click()
    qtbot.waitUntil(page.banner.isVisible)
    assert "The disk is full." in texts(page.banner)
    assert page.sources.sources[Source.NVD].isChecked()
    program.failing = None
    page.sources.sources[Source.NVD].click()
    qtbot.waitUntil(lambda: len(saved(program)) == 2)
    qtbot.waitUntil(lambda: not page.banner.isVisible())


def test_what_was_set_elsewhere_shows_in_the_controls(page: SettingsPage, store: StateStore, qtbot: QtBot) -> None:
    store.post(SettingsSaved(UserSettings(theme=ThemeChoice.DARK, sources={Source.MITRE: False})))
    qtbot.waitUntil(lambda: not page.sources.sources[Source.MITRE].isChecked())
    assert page.appearance.theme.currentData() == ThemeChoice.DARK


def test_another_stack_is_taken_only_after_a_question_that_says_what_stays_where(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    page.stack.choice(StackKind.DOCKER).click()
    assert page.stack.question.isVisible()
    assert f"The current data stay in {program.home}" in texts(page.stack.question)
    assert saved(program) == []
    page.stack.question.agree.click()
    qtbot.waitUntil(lambda: [settings.stack for settings in saved(program)] == [StackKind.DOCKER])
    assert not page.stack.question.isVisible()
    assert page.stack.choice(StackKind.DOCKER).isChecked()


def test_whoever_declines_keeps_the_stack(page: SettingsPage, program: Program) -> None:
    page.stack.choice(StackKind.DOCKER).click()
    page.stack.question.decline.click()
    assert page.stack.choice(StackKind.EMBEDDED).isChecked()
    assert not page.stack.question.isVisible()
    assert saved(program) == []


def test_a_question_stays_while_other_things_change(page: SettingsPage, store: StateStore, qtbot: QtBot) -> None:
    page.stack.choice(StackKind.DOCKER).click()
    with qtbot.waitSignal(page.context.changed):
        store.post(SettingsSaved(UserSettings(theme=ThemeChoice.DARK)))
    assert page.stack.choice(StackKind.DOCKER).isChecked()
    assert page.stack.question.isVisible()


def test_a_stack_that_the_environment_names_cannot_be_chosen_here(
    program: Program, page_with: Callable[..., SettingsPage]
) -> None:
    program.stack_is_fixed = True
    page = page_with()
    assert not any(page.stack.choice(stack).isEnabled() for stack in StackKind)
    assert "Set by the environment" in texts(page.stack)


def test_what_is_the_matter_with_docker_is_said_with_the_button_that_mends_it(
    program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot
) -> None:
    problem = failure("Docker is not running", "It is installed, but does not run.", "", (Remedy.START_DOCKER,))
    program.docker = DockerDetection(DockerState.NOT_RUNNING, problem)
    docker = page_with().stack.docker
    qtbot.waitUntil(docker.start.isVisible)
    assert "It is installed, but does not run." in texts(docker)
    program.docker = DockerDetection(DockerState.READY, None, "29.1")
    docker.start.click()
    qtbot.waitUntil(lambda: not texts(docker))
    assert ("remedy", Remedy.START_DOCKER) in program.calls
    assert not docker.start.isVisible()


def test_an_accepted_key_is_kept_and_nowhere_shown(
    program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot
) -> None:
    page = page_with(KeyVerdict(accepted=True, message="NVD takes the key."))
    key = page.sources.key
    assert key.field.echoMode() is QLineEdit.EchoMode.Password
    key.field.setText(f" {KEY} ")
    key.save.click()
    qtbot.waitUntil(key.remove.isVisible)
    assert ("save_nvd_key", KEY) in program.calls
    assert key.field.text() == ""
    assert KEY not in texts(page)
    key.remove.click()
    qtbot.waitUntil(lambda: not key.remove.isVisible())
    assert program.calls[-1] == ("save_nvd_key", "")


def test_a_key_of_the_environment_cannot_be_changed_here(
    program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot
) -> None:
    program.key_place = SecretSource.ENVIRONMENT
    key = page_with().sources.key
    qtbot.waitUntil(lambda: "Set by the environment variable NVD_API_KEY. Change it there." in texts(key))
    assert not any(widget.isVisible() for widget in (key.field, key.test, key.save, key.remove))


def test_a_refused_key_is_not_kept(program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot) -> None:
    key = page_with(KeyVerdict(accepted=False, message="NVD does not know this key.")).sources.key
    key.field.setText(KEY)
    qtbot.keyClick(key.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "NVD does not know this key." in texts(key))
    assert program.calls == []
    assert key.field.text() == KEY


def test_a_key_is_only_tested_where_that_is_asked(
    program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot
) -> None:
    key = page_with(KeyVerdict(accepted=True, message="NVD takes the key.")).sources.key
    assert not key.test.isEnabled()
    key.field.setText(KEY)
    key.test.click()
    qtbot.waitUntil(lambda: "NVD takes the key." in texts(key))
    assert program.calls == []


def test_a_key_that_nobody_can_test_is_kept_all_the_same(
    program: Program, page_with: Callable[..., SettingsPage], qtbot: QtBot
) -> None:
    key = page_with(None).sources.key
    key.field.setText(KEY)
    key.save.click()
    qtbot.waitUntil(lambda: ("save_nvd_key", KEY) in program.calls)


def test_what_becomes_an_event_is_saved(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    inbox = page.inbox
    assert (inbox.above.value(), inbox.rise.value(), inbox.days.value()) == (50, 20, 7)
    for field, value in ((inbox.above, 70), (inbox.rise, 5), (inbox.days, 14)):
        field.setValue(value)
        field.editingFinished.emit()
    qtbot.waitUntil(lambda: latest(program).inbox.due_days == 14)
    assert latest(program).inbox == InboxThresholds(epss_above=0.7, epss_rise=0.05, due_days=14)


def test_a_threshold_with_more_digits_than_the_field_shows_stays_as_it_is(
    page: SettingsPage, program: Program, store: StateStore, qtbot: QtBot
) -> None:
    store.post(SettingsSaved(UserSettings(inbox=InboxThresholds(epss_above=0.123))))
    qtbot.waitUntil(lambda: page.inbox.above.value() == 12)
    page.inbox.above.editingFinished.emit()
    assert program.calls == []


def test_quiet_hours_are_saved_as_local_times(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    notifications = page.notifications
    assert not notifications.start.isEnabled()
    notifications.quiet.click()
    qtbot.waitUntil(notifications.start.isEnabled)
    notifications.end.setTime(QTime(8, 30))
    notifications.end.editingFinished.emit()
    qtbot.waitUntil(lambda: latest(program).notifications.quiet_hours.end == time(8, 30))
    assert latest(program).notifications.quiet_hours.enabled


def test_theme_and_retention_are_saved(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    theme = page.appearance.theme
    theme.setCurrentIndex(theme.findData(ThemeChoice.DARK.value))
    theme.activated.emit(theme.currentIndex())
    page.storage.days.setValue(30)
    page.storage.days.editingFinished.emit()
    qtbot.waitUntil(lambda: latest(program).retention.run_days == 30)
    assert latest(program).theme is ThemeChoice.DARK


def test_the_chosen_language_is_saved(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    language = page.appearance.language
    assert language.currentData() == LanguageChoice.SYSTEM
    language.setCurrentIndex(language.findData(LanguageChoice.GERMAN.value))
    language.activated.emit(language.currentIndex())
    qtbot.waitUntil(lambda: bool(saved(program)))
    assert latest(program).language is LanguageChoice.GERMAN


def test_start_at_login_goes_back_where_the_system_refuses(page: SettingsPage, program: Program, qtbot: QtBot) -> None:
    program.failing = OpenThreatError("It cannot be started at login", "The registry is read-only.")
    page.appearance.at_login.click()
    qtbot.waitUntil(page.banner.isVisible)
    assert not page.appearance.at_login.isChecked()
    program.failing = None
    page.appearance.at_login.click()
    qtbot.waitUntil(lambda: program.at_login)
    qtbot.waitUntil(page.appearance.at_login.isEnabled)
    assert page.appearance.at_login.isChecked()


def test_the_schedule_is_paused_and_resumed(page: SettingsPage, api: ApiProcess, qtbot: QtBot) -> None:
    until_resumed = page.schedule.pause.menu().actions()[-1]
    until_resumed.trigger()
    qtbot.waitUntil(lambda: page.schedule.words.text() == "Paused until resumed")
    page.schedule.resume.click()
    qtbot.waitUntil(lambda: page.schedule.words.text() == "The schedule is active")
    fresh = api.client().snapshot()
    assert fresh
    assert not fresh.snapshot.pause.paused


def test_the_data_folder_is_named_with_its_size(page: SettingsPage, program: Program) -> None:
    assert str(program.home) in texts(page.storage)
    assert "on disk" in page.storage.amount.text()


def test_a_key_leads_to_its_section(page: SettingsPage, qtbot: QtBot) -> None:
    qtbot.waitExposed(page)
    page.open_item("storage")
    qtbot.waitUntil(lambda: page.rect().contains(page.storage.mapTo(page, page.storage.rect().center())))


def test_the_times_of_the_schedule_are_a_click_away(page: SettingsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.context.wanted) as wanted:
        page.schedule.times.click()
    assert wanted.args == [PageName.SCHEDULE, ""]


def test_servers_of_ones_own_can_be_left_but_not_chosen(page: SettingsPage, store: StateStore, qtbot: QtBot) -> None:
    external = page.stack.choice(StackKind.EXTERNAL)
    assert not external.isEnabled()
    store.post(StackChosen(StackKind.EXTERNAL, store.state.supervision))
    qtbot.waitUntil(external.isChecked)
    assert page.stack.choice(StackKind.EMBEDDED).isEnabled()


def test_looking_at_this_pc_can_be_switched_off_and_starts_nothing_again(
    page: SettingsPage, program: Program, qtbot: QtBot
) -> None:
    assert "Nothing of it is sent" in page.privacy.remark.text()
    page.privacy.scan.click()
    qtbot.waitUntil(lambda: program.store.state.settings.scan_installed is False)
    assert program.calls[-1] == ("save_settings", program.store.state.settings)


def test_where_nothing_can_be_collected_there_is_nothing_to_switch_off(
    page: SettingsPage, store: StateStore, qtbot: QtBot
) -> None:
    store.post(ScanReported(ScanStatus(unavailable="Windows only.")))
    qtbot.waitUntil(lambda: not page.privacy.scan.isEnabled())
    assert "only lists from files" in page.privacy.remark.text()


def test_a_test_notification_is_shown_at_once_with_what_to_do_if_nothing_appeared(
    page: SettingsPage, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.context.announced) as announced:
        page.notifications.test.click()
    assert announced.args[0] == "This is a test notification"
    assert "If nothing appeared" in texts(page.notifications)
