"""Diagnostics: what was found, what mends it, and the report."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import problem
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.diagnostics import DiagnosticsPage
from desktop.ui.widgets.text import Muted, Plain
from tests.fakes.actions import RecordingActions

ROOM = {"room": "3 GB", "folder": "/data"}
DISK = CheckResult.of("disk", problem(ProblemId.DISK_LOW, ROOM, remedies=(Remedy.OPEN_SETTINGS,)))
WORKERS = CheckResult.of("workers", problem(ProblemId.WORKERS_MISSING, service="worker"))
CLOCK = CheckResult(
    name="clock", state=CheckState.PROBLEM, id="of-a-newer-version", title="The clock is wrong", action="unknown-too"
)
DATABASE = CheckResult(name="database", state=CheckState.OK, title="The database answers", message="<b>SQLite</b>")


@pytest.fixture
def page(qtbot: QtBot, context: PageContext, memory: Memory, actions: RecordingActions) -> Iterator[DiagnosticsPage]:
    actions.diagnosis = Diagnosis.of([DISK, DATABASE, WORKERS, CLOCK])
    made = DiagnosticsPage(context, memory, "Diagnostics")
    qtbot.addWidget(made)
    made.resize(900, 700)
    yield made
    made.hide()


def answer(page: DiagnosticsPage) -> str:
    return page.findChild(Muted).text()


def examined(page: DiagnosticsPage, qtbot: QtBot) -> None:
    page.show()
    qtbot.waitUntil(page.again.isEnabled)


def press(page: DiagnosticsPage, result: CheckResult) -> None:
    button = next(card.button for card in page.results.cards if card.problem == result.problem)
    assert button is not None
    button.click()


def test_problems_stand_before_what_is_only_worth_a_look(qtbot: QtBot, page: DiagnosticsPage) -> None:
    examined(page, qtbot)
    assert [card.problem for card in page.results.cards] == [result.problem for result in (WORKERS, CLOCK, DISK)]
    assert "2 problem" in answer(page)
    assert "1 warning" in answer(page)


def test_says_that_all_is_well(qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions) -> None:
    actions.diagnosis = Diagnosis.of([DATABASE])
    examined(page, qtbot)
    assert answer(page).startswith("No problems found")
    assert page.results.cards == []


def test_while_it_looks_it_says_so_and_looks_only_once(
    qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, calls = threading.Event(), list[str]()

    def diagnose() -> Diagnosis:
        calls.append("diagnose")
        go.wait(20)
        return actions.diagnosis

    monkeypatch.setattr(actions, "diagnose", diagnose)
    page.show()
    qtbot.waitUntil(lambda: calls == ["diagnose"])
    assert answer(page).startswith("Checking everything")
    assert not page.again.isEnabled()
    page.refresh()
    go.set()
    qtbot.waitUntil(page.again.isEnabled)
    assert calls == ["diagnose"]


def test_checking_again_shows_what_has_changed(qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions) -> None:
    examined(page, qtbot)
    actions.diagnosis = Diagnosis.of([DATABASE, DISK])
    page.again.click()
    qtbot.waitUntil(lambda: [card.problem for card in page.results.cards] == [DISK.problem])


def test_one_click_starts_all_workers_anew(qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions) -> None:
    examined(page, qtbot)
    press(page, WORKERS)
    assert actions.calls[-2:] == [("restart_service", "worker-slow"), ("restart_service", "worker-fast")]


def test_one_click_leads_to_where_it_is_mended(qtbot: QtBot, page: DiagnosticsPage, context: PageContext) -> None:
    examined(page, qtbot)
    with qtbot.waitSignal(context.wanted) as wanted:
        press(page, DISK)
    assert wanted.args == [PageName.SETTINGS, ""]


def test_what_this_program_cannot_do_has_no_button(qtbot: QtBot, page: DiagnosticsPage) -> None:
    examined(page, qtbot)
    assert [card.problem for card in page.results.cards if card.button is None] == [CLOCK.problem]


def test_an_examination_that_fails_leaves_what_was_found_before(
    qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions
) -> None:
    examined(page, qtbot)
    actions.failing = OpenThreatError("The examination took too long", remedies=(Remedy.OPEN_LOG,))
    page.again.click()
    qtbot.waitUntil(page.banner.isVisible)
    assert page.banner.accessibleName() == "The examination took too long"
    assert len(page.results.cards) == 3
    assert "2 problem" in answer(page)


def test_tells_what_it_runs_on(qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions) -> None:
    examined(page, qtbot)
    qtbot.waitUntil(lambda: str(actions.home) in {label.text() for label in page.machine.findChildren(Plain)})


def test_the_report_goes_where_somebody_wants_it_without_holding_up_the_window(
    qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions, tmp_path: Path
) -> None:
    examined(page, qtbot)
    page.save.click()
    dialog = page.findChild(QFileDialog)
    assert not dialog.isModal()
    target = tmp_path / "report.zip"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    qtbot.waitUntil(page.saved.isVisible)
    assert actions.calls[-1] == ("save_report", target, actions.diagnosis)
    assert page.saved.open.isVisible()


def test_a_report_that_cannot_be_saved_says_why(
    qtbot: QtBot, page: DiagnosticsPage, actions: RecordingActions, tmp_path: Path
) -> None:
    examined(page, qtbot)
    actions.failing = OpenThreatError("The report cannot be saved", "No space left.")
    page.save_to(tmp_path / "report.zip")
    qtbot.waitUntil(page.banner.isVisible)
    assert page.banner.accessibleName() == "The report cannot be saved: No space left."
    assert not page.saved.isVisible()
    assert page.save.isEnabled()
