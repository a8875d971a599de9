"""Bulk triage of the selection: acknowledge, ignore, note, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend.contract.exposure import Finding, FindingState, FindingTriage
from backend.contract.inventory import FindingVerdict
from backend.contract.searches import VulnerabilityFilters
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.export.records import SelectedIds, SelectedRows
from desktop.ui.pages.vulnerabilities.rows import Query
from desktop.ui.pages.vulnerabilities.triage import affected_findings
from tests.ui.station import ApiProcess
from tests.ui.test_vulnerabilities_page import SECOND, count, ids, opened


@pytest.fixture
def page(context: PageContext, memory: Memory, api: ApiProcess, qtbot: QtBot) -> Iterator[VulnerabilitiesPage]:
    """A list of what is installed, three rows of it selected."""
    made = opened(context, memory, qtbot)
    installed = api.client().findings({"verdict": FindingVerdict.AFFECTED, "page_size": 100}).items
    with qtbot.waitSignal(made.loader.loaded, timeout=20 * SECOND):
        made.bar.set_search(VulnerabilityFilters(search=" ".join(finding.cve_id for finding in installed)))
    assert count(made) > 3
    select(made, range(3))
    before = affected_findings(api.client(), ids(made, 3))
    yield made
    restore(api, before)
    made.close()


def select(page: VulnerabilitiesPage, rows: range) -> None:
    flags = QItemSelectionModel.SelectionFlag
    page.list.selectRow(rows[0])
    for row in rows[1:]:
        page.list.selectionModel().select(page.list.model().index(row, 0), flags.Select | flags.Rows)


def restore(api: ApiProcess, findings: list[Finding]) -> None:
    api.client().restore_triage(
        FindingTriage(id=found.id, state=found.state, note=found.note, until=found.until) for found in findings
    )


def triage_of(api: ApiProcess, cve_ids: list[str]) -> set[tuple[FindingState, str]]:
    return {(finding.state, finding.note) for finding in affected_findings(api.client(), cve_ids)}


def test_the_selection_is_acknowledged_by_a_key_and_it_is_taken_back(
    page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    chosen, others = ids(page, 3), ids(page, 4)[3:]
    before, untouched = triage_of(api, chosen), triage_of(api, others)
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_E)
    qtbot.waitUntil(page.undo.isVisible, timeout=20 * SECOND)
    assert {state for state, _ in triage_of(api, chosen)} == {FindingState.ACKNOWLEDGED}
    assert triage_of(api, others) == untouched
    page.undo.undo.click()
    qtbot.waitUntil(lambda: triage_of(api, chosen) == before, timeout=20 * SECOND)


def test_the_selection_is_ignored_with_a_reason_and_gets_notes(
    page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    chosen = ids(page, 3)
    page.decisions.note.trigger()
    qtbot.waitUntil(page.decision_panel.isVisible, timeout=20 * SECOND)
    page.decision_panel.field.setText("ask Ann")
    page.decision_panel.confirm.click()
    qtbot.waitUntil(lambda: {note for _, note in triage_of(api, chosen)} == {"ask Ann"}, timeout=20 * SECOND)
    page.decisions.note.trigger()
    qtbot.waitUntil(page.decision_panel.isVisible, timeout=20 * SECOND)
    assert page.decision_panel.field.text() == "ask Ann"
    page.decision_panel.close_panel()
    page.decisions.ignore.trigger()
    assert not page.decision_panel.confirm.isEnabled()
    page.decision_panel.field.setText("not reachable")
    page.list.clearSelection()  # the panel still applies to the former selection
    page.decision_panel.confirm.click()
    wanted = {(FindingState.IGNORED, "not reachable")}
    qtbot.waitUntil(lambda: triage_of(api, chosen) == wanted, timeout=20 * SECOND)


def test_acknowledging_leaves_notes_and_undo_gives_back_the_triage(
    page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    chosen = ids(page, 3)
    page.decisions.ignore.trigger()
    page.decision_panel.field.setText("a test PC")
    with qtbot.waitSignal(page.triage.done, timeout=20 * SECOND):
        page.decision_panel.confirm.click()
    ignored, acknowledged = {(FindingState.IGNORED, "a test PC")}, {(FindingState.ACKNOWLEDGED, "a test PC")}
    assert triage_of(api, chosen) == ignored
    with qtbot.waitSignal(page.triage.done, timeout=20 * SECOND):
        page.decisions.acknowledge.trigger()
    assert triage_of(api, chosen) == acknowledged
    page.undo.undo.click()
    qtbot.waitUntil(lambda: triage_of(api, chosen) == ignored, timeout=20 * SECOND)


def test_what_is_not_installed_cannot_be_decided_on(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        page.bar.set_search(VulnerabilityFilters(vendor=("cisco",)))
    page.list.selectRow(0)
    page.decisions.acknowledge.trigger()
    qtbot.waitUntil(page.undo.isVisible, timeout=20 * SECOND)
    assert "nothing to decide" in page.undo.words.text()
    assert page.undo.undo.isHidden()


def test_without_a_selection_or_with_too_many_rows_nothing_is_offered(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        page.bar.clear()
    page.list.clearSelection()
    assert not any(action.isEnabled() for action in page.decisions.all)
    page.list.selectRow(0)
    assert all(action.isEnabled() for action in page.decisions.all)
    page.list.selectAll()
    assert count(page) > 1000
    assert not any(action.isEnabled() for action in page.decisions.all)


def test_rows_that_are_not_loaded_are_decided_on_too(api: ApiProcess) -> None:
    everything = api.client().listed({"page_size": 300}).items
    scope = SelectedRows(Query(), (range(2), range(98, 102)))
    assert scope.cve_ids(api.client()) == [everything[place].cve_id for place in (0, 1, 98, 99, 100, 101)]
    assert SelectedIds(("CVE-2024-1000",)).cve_ids(api.client()) == ("CVE-2024-1000",)


def test_findings_of_more_vulnerabilities_than_fit_one_request(api: ApiProcess) -> None:
    mine = [item.cve_id for item in api.client().listed({"mine": "true", "page_size": 500}).items]
    found = affected_findings(api.client(), mine * 3)
    assert {finding.cve_id for finding in found} <= set(mine)
    assert {finding.verdict for finding in found} == {FindingVerdict.AFFECTED}
