"""Exported files: safe for spreadsheets, and with exactly what the API returns for programs."""

from __future__ import annotations

import csv
import gc
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiSilent
from backend.contract.names import Severity
from backend.contract.problems import Problem
from backend.contract.searches import VulnerabilityFilters
from backend.contract.vulnerabilities import Vulnerability
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.export.exporter import Exporter, start_folder
from desktop.ui.pages.vulnerabilities.export.files import COLUMNS, ExportFile, Format, escape_formula
from desktop.ui.pages.vulnerabilities.export.records import (
    AllResults,
    ExportPortion,
    ExportScope,
    SelectedIds,
    SelectedRows,
)
from desktop.ui.pages.vulnerabilities.rows import Query
from desktop.ui.pages.vulnerabilities.search import NOTHING, Order, params_of
from tests.ui.station import ApiProcess
from tests.ui.world import HOSTILE_ID

WAIT_MS = 20_000
BY_ID = Query(NOTHING, Order("cve_id"))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def record(cve_id: str, **given: object) -> Vulnerability:
    fields = dict.fromkeys(Vulnerability.model_fields)
    fields |= dict.fromkeys(("cwe_ids", "vendors", "products", "affected_products", "references", "sources"), ())
    fields |= dict.fromkeys(("aliases", "priority_reasons", "cvss_scores", "exploitation", "tags", "other_names"), ())
    fields |= dict.fromkeys(("description", "ssvc_exploitation", "required_action", "kev_notes", "nvd_status"), "")
    fields |= {"cve_id": cve_id, "state": "PUBLISHED", "title": "A flaw", "severity": "HIGH", "priority_score": 0.5}
    fields |= {"exploited_in_the_wild": False, "eu_exploited": False, "provenance": {}}
    fields |= {"first_seen_at": NOW, "updated_at": NOW}
    return Vulnerability.model_validate({**fields, **given})


def write(path: Path, kind: Format, records: Sequence[Vulnerability]) -> None:
    file = ExportFile(path, kind)
    file.add(records)
    file.finish()


def fetched(api: ApiProcess, scope: ExportScope) -> list[Vulnerability]:
    client, portion = api.client(), scope.portion(api.client(), "")
    records = list(portion.records)
    while portion.mark:
        portion = scope.portion(client, portion.mark)
        records += portion.records
    return records


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/c calc'!A0"])
def test_a_spreadsheet_computes_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write(path, Format.CSV, [record("CVE-2026-1", title=text, vendors=(text,))])
    (row,) = rows(path)
    assert row["title"] == row["vendors"] == f"'{text}"


def test_harmless_text_is_left_as_it_is() -> None:
    assert escape_formula("CVE-2026-1 = bad") == "CVE-2026-1 = bad"


def test_excel_sees_that_the_file_is_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "資料.csv"
    write(path, Format.CSV, [record("CVE-2026-1", title='Größe, "quoted"\nand on two lines 資料')])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    (row,) = rows(path)
    assert tuple(row) == COLUMNS
    assert row["title"] == 'Größe, "quoted"\nand on two lines 資料'
    assert (row["cvss_score"], row["priority_score"]) == ("", "0.5")


def test_json_is_what_the_api_gives(api: ApiProcess, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write(path, Format.JSON, fetched(api, SelectedIds((HOSTILE_ID,))))
    (exported,) = json.loads(path.read_text(encoding="utf-8"))
    assert exported == json.loads(api.client().vulnerability(HOSTILE_ID).model_dump_json())


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_an_array_however_many_there_are(count: int, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write(path, Format.JSON, [record(f"CVE-2026-{number}") for number in range(count)])
    assert len(json.loads(path.read_text(encoding="utf-8"))) == count


def test_places_are_those_of_the_sorted_answer(api: ApiProcess) -> None:
    everything = api.client().listed({**BY_ID.order.params, "page_size": 200}).items
    scope = SelectedRows(BY_ID, (range(2), range(98, 102), range(120, 121)))
    records = fetched(api, scope)
    assert len(records) == scope.count == 7
    expected = [everything[place].cve_id for place in (0, 1, 98, 99, 100, 101, 120)]
    assert [item.cve_id for item in records] == expected


def test_everything_comes_once_in_the_order_of_the_list(api: ApiProcess) -> None:
    high = Query(VulnerabilityFilters(severity=(Severity.HIGH,)), Order("published_at"))
    total = api.client().listed({**params_of(high.search), **high.order.params}).total
    records = fetched(api, AllResults(high, total))
    assert len(records) == len({item.cve_id for item in records}) == total > 100
    dates = [item.published_at for item in records if item.published_at]
    assert dates == sorted(dates, reverse=high.order.descending)


@pytest.mark.parametrize("ends", ["discarded", "forgotten"])
def test_nothing_is_left_of_an_export_that_is_not_finished(ends: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("what was there before", encoding="utf-8")
    file = ExportFile(path, Format.CSV)
    file.add([record("CVE-2026-1")])
    if ends == "discarded":
        file.discard()
    del file
    gc.collect()
    assert path.read_text(encoding="utf-8") == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> VulnerabilitiesPage:
    made = VulnerabilitiesPage(context, memory, "Vulnerabilities")
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: made.list.model().rowCount() > 0, timeout=WAIT_MS)
    return made


def test_the_selection_is_exported_from_the_menu_and_opened(
    page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.list.selectRow(3)
    chosen = page.list.model().index(3, 0).data()
    action = next(action for action in page.row_actions.exports if action.text() == "Selected rows as CSV")
    action.trigger()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.directory().absolutePath() == str(start_folder())
    dialog.fileSelected.emit(str(tmp_path / "out.csv"))
    qtbot.waitUntil(lambda: (tmp_path / "out.csv").exists(), timeout=WAIT_MS)
    assert [row["cve_id"] for row in rows(tmp_path / "out.csv")] == [chosen]
    dialog.reject()
    qtbot.waitUntil(page.exported.isVisible, timeout=WAIT_MS)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    page.exported.open_file.click()
    page.exported.open_folder.click()
    assert opened == [str(tmp_path / "out.csv"), str(tmp_path)]
    page.exported.close_button.click()
    assert page.exported.isHidden()


@pytest.mark.parametrize("exists", [True, False])
def test_exports_go_to_the_documents_where_there_are_any(
    exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "Dokumente"
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(documents))
    if exists:
        documents.mkdir()
    assert start_folder() == (documents if exists else Path.home())


def test_a_folder_that_cannot_be_written_to_is_said(
    context: PageContext, page: VulnerabilitiesPage, qtbot: QtBot
) -> None:
    exporter, failures = Exporter(context, page), list[Problem]()
    exporter.failed.connect(failures.append)
    exporter.save(SelectedIds((HOSTILE_ID,)), Path("/nowhere/at/all/out.csv"), Format.CSV)
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    assert failures[0].title == "The system refused it"


def test_all_matches_are_exported_with_progress_beyond_what_is_listed_at_once(
    page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path
) -> None:
    path, seen = tmp_path / "out.json", list[int]()
    page.exporter.advanced.connect(lambda how: seen.extend([how.done] if how else []))
    page.exporter.save(page.row_actions.scope(page.loader.query, everything=True, counted=True), path, Format.JSON)
    assert page.exporting.isVisible()
    qtbot.waitUntil(path.exists, timeout=6 * WAIT_MS)
    qtbot.waitUntil(lambda: not page.exporting.isVisible())
    assert len(json.loads(path.read_text(encoding="utf-8"))) == page.list.model().rowCount() > 4000
    assert seen == sorted(seen)
    assert len(seen) > 10
    assert list(tmp_path.glob(".*")) == []


def test_a_cancelled_export_leaves_nothing(page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path) -> None:
    folder, messages = tmp_path / "exports", list[str]()
    folder.mkdir()
    page.exporter.completed.connect(lambda words, _: messages.append(words))
    scope = AllResults(page.loader.query, None)
    page.exporter.save(scope, folder / "out.csv", Format.CSV)
    qtbot.waitUntil(lambda: bool(list(folder.iterdir())), timeout=WAIT_MS)
    page.exporting.cancel.click()
    qtbot.waitUntil(lambda: bool(messages) and not list(folder.iterdir()), timeout=WAIT_MS)
    assert messages[-1] == "The export was cancelled. No file was written."
    assert page.exported.isVisible()
    assert page.exported.open_file.isHidden()
    assert not page.exporting.isVisible()
    page.exporter.save(SelectedIds((HOSTILE_ID,)), folder / "out.csv", Format.CSV)
    qtbot.waitUntil((folder / "out.csv").exists, timeout=WAIT_MS)


def test_two_exports_at_once_are_one_too_many(page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path) -> None:
    failures = list[Problem]()
    page.exporter.failed.connect(failures.append)
    page.exporter.save(SelectedIds((HOSTILE_ID,)), tmp_path / "one.csv", Format.CSV)
    page.exporter.save(SelectedIds((HOSTILE_ID,)), tmp_path / "two.csv", Format.CSV)
    assert failures[-1].title == "Another export is running"
    qtbot.waitUntil((tmp_path / "one.csv").exists, timeout=WAIT_MS)
    assert not (tmp_path / "two.csv").exists()


def test_an_api_that_is_away_for_a_moment_costs_no_export(
    page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.pages.vulnerabilities.export.exporter._RETRY_MS", 10)
    away, real = iter([ApiSilent("no answer"), ApiAbsent("nothing listens")]), SelectedIds.portion

    def portion(scope: SelectedIds, client: ApiClient, mark: str) -> ExportPortion:
        for error in away:
            raise error
        return real(scope, client, mark)

    monkeypatch.setattr(SelectedIds, "portion", portion)
    page.exporter.save(SelectedIds((HOSTILE_ID,)), tmp_path / "out.csv", Format.CSV)
    qtbot.waitUntil((tmp_path / "out.csv").exists, timeout=WAIT_MS)


def test_without_a_selection_only_all_matches_are_offered(page: VulnerabilitiesPage) -> None:
    assert [action.isEnabled() for action in page.row_actions.exports] == [False, False, True, True]
    page.list.selectRow(0)
    assert all(action.isEnabled() for action in page.row_actions.exports)
