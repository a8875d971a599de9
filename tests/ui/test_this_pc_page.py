"""This PC: what is wrong in one line, what to update to, triage and decisions that can be taken back, imports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from backend.contract.exposure import FindingChange, FindingState, ProductDecision
from backend.contract.names import API_PREFIX
from backend.contract.problems import failure
from backend.contract.wire import utc_now
from desktop.inventory.scan_status import ScanStatus
from desktop.state.app_state import ScanReported, SettingsSaved, SnapshotArrived, StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.this_pc import ThisPcPage
from desktop.ui.pages.this_pc.groups import Group
from desktop.ui.pages.this_pc.machine_view import MachineView
from tests.fakes.actions import RecordingActions
from tests.ui.installed import CHROME, OTHER_PC, READER, THIS_PC, TOMCAT, UNREPORTED, UNSURE
from tests.ui.station import ApiProcess, unreachable

WAIT_MS = 15_000


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> ThisPcPage:
    return opened(ThisPcPage(context, memory, "This PC"), qtbot)


@pytest.fixture
def empty_page(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> ThisPcPage:
    made = ThisPcPage(empty_context, memory, "This PC")
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: made._view is not None, timeout=WAIT_MS)
    return made


@pytest.fixture
def untouched(api: ApiProcess) -> Iterator[None]:
    """Takes back what a test changes of the findings and decisions."""
    yield
    client = api.client()
    found = client.findings({"page_size": 500}).items
    changed = [finding.id for finding in found if finding.note or finding.state is not FindingState.OPEN]
    client.change_findings(changed, FindingChange(state=FindingState.OPEN, note=""))
    client.decide_product(ProductDecision(name=UNREPORTED, publisher="Tante Emma GmbH & Co. KG", forget=True))


def opened(page: ThisPcPage, qtbot: QtBot) -> ThisPcPage:
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    qtbot.waitUntil(lambda: page._view is not None, timeout=WAIT_MS)
    return page


def names(page: ThisPcPage) -> list[str]:
    table = page.list.affected if page.list.group is Group.AFFECTED else page.list.others
    return [program.software.name for program in table.rows.records]


def choose(page: ThisPcPage, name: str, qtbot: QtBot) -> None:
    program = next(item for item in page._view.exposure.programs if item.software.name == name)
    page.open_item(str(program.id))
    qtbot.waitUntil(lambda: page.pane._program == program)
    if program.affected or program.cannot_tell or program.ignored:
        qtbot.waitUntil(lambda: {item.software for item in page.pane.table.rows.records} == {name}, timeout=WAIT_MS)


def turn_to(page: ThisPcPage, group: Group) -> None:
    page.list.bar.choose(group)


def states(page: ThisPcPage) -> list[FindingState]:
    return [finding.state for finding in page.pane.table.rows.records]


def drop(page: ThisPcPage, path: Path) -> None:
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(QPoint(9, 9)), Qt.DropAction.CopyAction, dragged, buttons, keys))


def test_the_first_line_says_what_is_exploited_and_what_updates_mend(page: ThisPcPage) -> None:
    summary = page._summary.text()
    assert summary.startswith("2 program(s) (has|have) vulnerabilities that are being exploited. Updating 3 program(s)")


def test_the_exploited_programs_come_first_with_the_version_to_update_to(page: ThisPcPage) -> None:
    assert set(names(page)[:2]) == {READER, CHROME}
    first = page.list.affected.rows.records[0]
    assert first.exploited
    assert first.update_to
    assert page.pane.facts.update_line.text().startswith(f"Update to {first.update_to}: that mends")


def test_what_is_not_known_is_said_apart_and_honestly(page: ThisPcPage) -> None:
    coverage = page._coverage.text()
    assert "1 without known product, 24 that nobody has ever reported on" in coverage
    assert "1 installed update(s) of Windows" in coverage
    turn_to(page, Group.UNREPORTED)
    assert UNREPORTED in names(page)
    assert page.pane.facts._product.text() == "No record names such a product."


def test_each_vulnerability_has_its_reason_and_what_to_do(page: ThisPcPage, qtbot: QtBot) -> None:
    choose(page, CHROME, qtbot)
    first = page.pane.table.rows.records[0]
    assert first.exploited_in_the_wild
    assert page.pane.reason.text() == first.reason
    assert page.pane.todo.text() == f"Update to {first.fixed_in} or later."


def test_the_command_for_winget_is_copied_with_its_origin(page: ThisPcPage, qtbot: QtBot) -> None:
    choose(page, CHROME, qtbot)
    page.pane.facts.copy.click()
    assert QGuiApplication.clipboard().text() == "winget upgrade --id Google.Chrome --exact"
    assert page.pane.facts._origin.text() == "The id comes from the imported list of winget."
    choose(page, READER, qtbot)
    assert page.pane.facts.command.text() == "winget upgrade --id Adobe.Acrobat.Reader.64-bit --exact"
    assert page.pane.facts._origin.text() == "The id is the one by which winget knows a program of this name."
    choose(page, TOMCAT, qtbot)
    assert not page.pane.facts.copy.isVisible()


def test_findings_are_acknowledged_by_a_key_and_that_is_taken_back(
    page: ThisPcPage, untouched: None, qtbot: QtBot
) -> None:
    choose(page, CHROME, qtbot)
    table = page.pane.table
    table.setFocus()
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: set(states(page)) == {FindingState.ACKNOWLEDGED}, timeout=WAIT_MS)
    assert page.undo.isVisible()
    page.undo.undo.click()
    qtbot.waitUntil(lambda: set(states(page)) == {FindingState.OPEN}, timeout=WAIT_MS)


def test_a_finding_is_ignored_with_a_reason_and_until_when(page: ThisPcPage, untouched: None, qtbot: QtBot) -> None:
    choose(page, READER, qtbot)
    before = page._view.exposure.programs[0].affected
    page.pane.table.setFocus()
    qtbot.keyClick(page.pane.table, Qt.Key.Key_I)
    form = page.pane.ignoring
    assert form.isVisible()
    qtbot.keyClicks(form.reason, "only opens our own files")
    qtbot.keyClick(form.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(page)[0] is FindingState.IGNORED, timeout=WAIT_MS)
    ignored = page.pane.table.rows.records[0]
    assert ignored.note == "only opens our own files"
    assert timedelta(days=89) < ignored.until - utc_now() < timedelta(days=91)
    qtbot.waitUntil(lambda: page._view.exposure.programs[0].affected != before, timeout=WAIT_MS)
    assert page.pane.todo.text().endswith(": only opens our own files")


def test_a_note_stays_when_the_finding_is_acknowledged_and_opened_again(
    page: ThisPcPage, api: ApiProcess, untouched: None, qtbot: QtBot
) -> None:
    choose(page, READER, qtbot)
    table = page.pane.table
    finding = table.rows.records[0]
    api.client().change_findings([finding.id], FindingChange(state=FindingState.OPEN, note="ask Ann"))
    table.setFocus()
    table.selectRow(0)
    for key, state in ((Qt.Key.Key_E, FindingState.ACKNOWLEDGED), (Qt.Key.Key_O, FindingState.OPEN)):
        qtbot.keyClick(table, key)
        qtbot.waitUntil(lambda state=state: states(page)[0] is state, timeout=WAIT_MS)
        assert table.rows.records[0].note == "ask Ann"


def test_without_a_selection_nothing_can_be_decided(page: ThisPcPage, qtbot: QtBot) -> None:
    choose(page, READER, qtbot)
    page.pane.table.clearSelection()
    assert not page.pane.acknowledge.isEnabled()
    assert not page.pane.reopen.isEnabled()


def test_the_form_closes_with_escape_and_changes_nothing(page: ThisPcPage, qtbot: QtBot) -> None:
    page.pane.ignoring.open()
    qtbot.keyClick(page.pane.ignoring.reason, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not page.pane.ignoring.isVisible())
    assert set(states(page)) <= {FindingState.OPEN}


def test_another_product_is_chosen_from_the_records_and_taken_back(
    page: ThisPcPage, api: ApiProcess, untouched: None, qtbot: QtBot
) -> None:
    choose(page, UNREPORTED, qtbot)
    page.pane.facts.choose.click()
    choice = page.pane.choice
    assert not choice.save.isEnabled()
    qtbot.keyClicks(choice.field, "fortima")
    qtbot.waitUntil(lambda: choice.field.names == ["fortinet : fortimanager"], timeout=WAIT_MS)
    choice.field.setText("fortinet : fortimanager")
    choice.save.click()
    qtbot.waitUntil(page.undo.isVisible, timeout=WAIT_MS)
    resolve = {"name": UNREPORTED, "publisher": "Tante Emma GmbH & Co. KG"}
    product = api.client().resolve_product(**resolve).product
    assert product is not None
    assert product.product == "fortimanager"
    page.undo.undo.click()
    qtbot.waitUntil(lambda: api.client().resolve_product(**resolve).product is None, timeout=WAIT_MS)


def test_a_record_is_opened_by_enter(page: ThisPcPage, qtbot: QtBot) -> None:
    choose(page, CHROME, qtbot)
    page.pane.table.setFocus()
    with qtbot.waitSignal(page.context.wanted) as opened_page:
        qtbot.keyClick(page.pane.table, Qt.Key.Key_Return)
    assert opened_page.args == [PageName.VULNERABILITIES, page.pane.table.rows.records[0].cve_id]


def test_this_pc_comes_first_and_another_machine_can_be_chosen(page: ThisPcPage, qtbot: QtBot) -> None:
    assert [page.machine.itemData(index) for index in range(page.machine.count())] == [THIS_PC, OTHER_PC]
    page.machine.setCurrentIndex(1)
    page.machine.activated.emit(1)
    qtbot.waitUntil(lambda: page._view.exposure.machine.id == OTHER_PC, timeout=WAIT_MS)
    assert page.list.group is Group.AFFECTED
    assert names(page) == []
    assert not page.show_skipped.isVisible()


def test_groups_are_reached_with_the_keyboard(page: ThisPcPage, qtbot: QtBot) -> None:
    chosen = page.list.bar.buttons[Group.AFFECTED]
    chosen.setFocus()
    qtbot.keyClick(chosen, Qt.Key.Key_Right)
    assert page.list.group is Group.UNCERTAIN
    assert page.list.bar.buttons[Group.UNCERTAIN].hasFocus()


def test_all_groups_are_in_sight_in_a_narrow_window(page: ThisPcPage, qtbot: QtBot) -> None:
    page.resize(690, 500)
    shown = [page.list.bar.buttons[group] for group in page.list.bar.shown]
    assert len(shown) > 3
    qtbot.waitUntil(lambda: len({button.y() for button in shown}) > 1)
    assert all(button.geometry().right() <= page.list.bar.width() for button in shown)


def test_scan_now_asks_for_a_scan_and_says_that_it_runs(
    page: ThisPcPage, store: StateStore, actions: RecordingActions, qtbot: QtBot
) -> None:
    page.scan.click()
    assert actions.calls == [("scan_now",)]
    store.post(ScanReported(replace(store.state.scan, is_scanning=True)))
    qtbot.waitUntil(lambda: page.scan.text() == "Scanning…" and not page.scan.isEnabled())


def test_a_failed_scan_is_said_and_the_last_list_stays(page: ThisPcPage, store: StateStore, qtbot: QtBot) -> None:
    store.post(ScanReported(replace(store.state.scan, problem=failure("The list cannot be read", "Access denied."))))
    qtbot.waitUntil(page.banner.isVisible)
    assert names(page)


def test_what_was_skipped_is_listed_with_the_reason(page: ThisPcPage) -> None:
    assert page.show_skipped.text() == "9 skipped"
    page.show_skipped.click()
    assert page.skipped.isVisible()
    assert "which Windows does not list" in page.skipped.toPlainText()


def test_an_old_list_says_so(page: ThisPcPage, store: StateStore, qtbot: QtBot) -> None:
    store.post(ScanReported(replace(store.state.scan, scanned_at=utc_now() - timedelta(days=8))))
    qtbot.waitUntil(page.banner.isVisible)
    assert "old" in page.banner._title.text()


@pytest.fixture
def imported(api: ApiProcess) -> Iterator[str]:
    """The id of a machine that a test imports; it is removed afterwards, since all tests share the API."""
    yield "server-room"
    address = f"http://127.0.0.1:{api.port}{API_PREFIX}/machines/server-room"
    requests.delete(address, timeout=10).raise_for_status()


def test_a_dropped_file_is_imported_as_a_machine_of_its_own(
    page: ThisPcPage, imported: str, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / f"{imported}.csv"
    file.write_text("name,version,publisher\nGoogle Chrome,9.1.0,Google\n,1,\n")
    drop(page, file)
    qtbot.waitUntil(lambda: page._view.exposure.machine.id == imported, timeout=WAIT_MS)
    assert page.undo.words.text() == "server-room: 1 program(s) imported. 1 skipped."
    assert page._scanned.text().startswith("List of ")


@pytest.mark.parametrize("content", ["<html></html>", "", "\x00\x01\x02"])
def test_a_file_that_is_no_list_is_refused_with_the_reason(
    page: ThisPcPage, tmp_path: Path, content: str, qtbot: QtBot
) -> None:
    file = tmp_path / "odd.bin"
    file.write_text(content)
    drop(page, file)
    qtbot.waitUntil(page.banner.isVisible, timeout=WAIT_MS)
    assert page.import_file.isEnabled()
    assert page._view.exposure.machine.id == THIS_PC


def test_before_the_first_scan_it_says_that_it_looks(empty_page: ThisPcPage) -> None:
    assert empty_page.empty._title.text() == "Looking at what is installed…"


def test_where_nothing_can_be_collected_it_offers_the_import(
    empty_page: ThisPcPage, empty_store: StateStore, qtbot: QtBot
) -> None:
    empty_store.post(ScanReported(ScanStatus(unavailable="Windows only.")))
    qtbot.waitUntil(lambda: empty_page.empty.button.text() == "Import")
    assert not empty_page.scan.isVisible()
    assert "winget's export" in empty_page.empty._sentence.text()


def test_where_it_is_switched_off_it_leads_to_the_setting(
    empty_page: ThisPcPage, empty_store: StateStore, qtbot: QtBot
) -> None:
    settings = empty_store.state.settings.model_copy(update={"scan_installed": False})
    empty_store.post(SettingsSaved(settings))
    qtbot.waitUntil(lambda: empty_page.empty.button.text() == "Open Settings")
    with qtbot.waitSignal(empty_page.context.wanted) as wanted:
        empty_page.empty.button.click()
    assert wanted.args == [PageName.SETTINGS, "privacy"]


def test_the_list_is_beside_the_pane_and_above_it_in_a_narrow_window(page: ThisPcPage, qtbot: QtBot) -> None:
    assert page._split.orientation() is Qt.Orientation.Horizontal
    page.resize(690, 500)
    qtbot.waitUntil(lambda: page._split.orientation() is Qt.Orientation.Vertical)


def test_a_program_that_is_wanted_before_the_answer_is_shown_with_it(
    context: PageContext, memory: Memory, api: ApiProcess, qtbot: QtBot
) -> None:
    programs = api.client().machine_exposure(THIS_PC).programs
    wanted = next(program for program in programs if program.software.name == UNREPORTED)
    page = ThisPcPage(context, memory, "This PC")
    page.open_item(str(wanted.id))
    opened(page, qtbot)
    qtbot.waitUntil(lambda: page.pane._program == wanted, timeout=WAIT_MS)


def test_while_the_first_update_loads_nothing_sounds_like_an_answer(
    page: ThisPcPage, store: StateStore, qtbot: QtBot
) -> None:
    known = store.state.snapshot
    assert known is not None
    store.post(SnapshotArrived(known.model_copy(update={"stats": None}), utc_now()))
    qtbot.waitUntil(lambda: page._summary.text().endswith("still loading the vulnerabilities."), timeout=WAIT_MS)
    page.machine.activated.emit(1)
    qtbot.waitUntil(lambda: page._summary.text().startswith("The first update"), timeout=WAIT_MS)


def test_the_form_is_in_sight_in_a_low_window(page: ThisPcPage, qtbot: QtBot) -> None:
    page.resize(690, 500)
    qtbot.waitUntil(page.pane.ignore.isEnabled, timeout=WAIT_MS)
    page.pane.ignore.trigger()
    form = page.pane.ignoring
    qtbot.waitUntil(
        lambda: not form.visibleRegion().isEmpty() and form.save.visibleRegion().boundingRect().height() > 0
    )


def test_findings_of_the_same_program_on_two_machines_stay_apart(page: ThisPcPage, qtbot: QtBot) -> None:
    choose(page, UNSURE, qtbot)
    assert {item.machine for item in page.pane.table.rows.records} == {THIS_PC}
    page.machine.setCurrentIndex(1)
    page.machine.activated.emit(1)
    qtbot.waitUntil(lambda: page._view.exposure.machine.id == OTHER_PC, timeout=WAIT_MS)
    choose(page, UNSURE, qtbot)
    qtbot.waitUntil(lambda: {item.machine for item in page.pane.table.rows.records} == {OTHER_PC}, timeout=WAIT_MS)


def test_a_machine_that_is_not_seen_any_more_is_marked(page: ThisPcPage) -> None:
    own, other = page._view.machines
    machine = other.model_copy(update={"is_gone": True, "last_seen_at": utc_now() - timedelta(days=100)})
    exposure = page._view.exposure.model_copy(update={"machine": machine})
    page._take(MachineView(machines=(own, machine), exposure=exposure))
    since = f"{machine.last_seen_at.astimezone():%Y-%m-%d}"
    assert page.machine.currentText() == f"{machine.name} (not seen since {since})"
    assert page.banner.isVisible()
    assert f"{machine.name} has not been seen since {since}" in page.banner.accessibleName()


def test_a_program_whose_vulnerabilities_are_all_ignored_is_listed_as_such(
    page: ThisPcPage, untouched: None, qtbot: QtBot
) -> None:
    choose(page, TOMCAT, qtbot)
    page.pane.table.selectAll()
    page.pane.ignoring.saved.emit("", None)
    qtbot.waitUntil(lambda: len(page.list._groups[Group.IGNORED]) == 1, timeout=WAIT_MS)
    choose(page, TOMCAT, qtbot)
    assert set(states(page)) == {FindingState.IGNORED}


def test_what_cannot_be_loaded_is_not_said_to_be_loading(
    store: StateStore, actions: RecordingActions, memory: Memory, qtbot: QtBot
) -> None:
    context = PageContext(store, actions, unreachable, SystemClock())
    page = ThisPcPage(context, memory, "This PC")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.empty._title.text() == "What is known of this PC could not be loaded")
    assert page.banner.isVisible()
    context.close()
