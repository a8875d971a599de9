"""What lands in the files: for spreadsheets harmless, for programs exactly what the API says."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from backend.contract.vulnerabilities import Vulnerability
from desktop.model.search import Order, Search
from desktop.model.trouble import Trouble
from desktop.ui.desk import Desk
from desktop.ui.memory import Memory
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.export.exporter import Exporter
from desktop.ui.pages.vulnerabilities.export.files import COLUMNS, Format, defused, write
from desktop.ui.pages.vulnerabilities.export.records import Picked, Places, export
from desktop.ui.pages.vulnerabilities.rows import Question
from tests.ui.station import ApiProcess
from tests.ui.world import HOSTILE_ID

WAIT_MS = 20_000
BY_ID = Question(Search(), Order("cve_id"))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def record(cve_id: str, **given: object) -> Vulnerability:
    fields = dict.fromkeys(Vulnerability.model_fields)
    fields |= dict.fromkeys(("cwe_ids", "vendors", "products", "affected_products", "references", "sources"), ())
    fields |= dict.fromkeys(("aliases", "priority_reasons", "cvss_scores", "exploitation"), ())
    fields |= dict.fromkeys(("description", "ssvc_exploitation", "required_action", "kev_notes"), "")
    fields |= {"cve_id": cve_id, "state": "PUBLISHED", "title": "A flaw", "severity": "HIGH", "priority_score": 0.5}
    fields |= {"exploited_in_the_wild": False, "eu_exploited": False, "provenance": {}}
    fields |= {"first_seen_at": NOW, "updated_at": NOW}
    return Vulnerability.model_validate({**fields, **given})


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
    assert defused("CVE-2026-1 = bad") == "CVE-2026-1 = bad"


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
    assert export(api.client(), Picked((HOSTILE_ID,)), path, Format.JSON) == 1
    (told,) = json.loads(path.read_text(encoding="utf-8"))
    assert told == json.loads(api.client().vulnerability(HOSTILE_ID).model_dump_json())


def test_places_are_those_of_the_sorted_answer(api: ApiProcess, tmp_path: Path) -> None:
    everything = api.client().listed({**BY_ID.order.params, "page_size": 200}).items
    path = tmp_path / "out.csv"
    wanted = Places(BY_ID, (range(2), range(48, 52), range(120, 121)))
    assert export(api.client(), wanted, path, Format.CSV) == wanted.count == 7
    expected = [everything[place].cve_id for place in (0, 1, 48, 49, 50, 51, 120)]
    assert [row["cve_id"] for row in rows(path)] == expected


def test_nothing_is_left_of_an_export_that_broke_off(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("what was there before", encoding="utf-8")

    def breaking() -> Iterator[Vulnerability]:
        yield record("CVE-2026-1")
        raise OSError("the API is gone")

    with pytest.raises(OSError, match="the API is gone"):
        write(path, Format.CSV, breaking())
    assert path.read_text(encoding="utf-8") == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def page(desk: Desk, memory: Memory, qtbot: QtBot) -> VulnerabilitiesPage:
    made = VulnerabilitiesPage(desk, memory, "Vulnerabilities")
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: made.list.model().rowCount() > 0, timeout=WAIT_MS)
    return made


def test_the_selection_is_exported_from_the_menu(page: VulnerabilitiesPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.list.selectRow(3)
    chosen = page.list.model().index(3, 0).data()
    action = next(one for one in page.row_actions.exports if one.text() == "Selected rows as CSV")
    action.trigger()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "out.csv"))
    qtbot.waitUntil(lambda: (tmp_path / "out.csv").exists(), timeout=WAIT_MS)
    assert [row["cve_id"] for row in rows(tmp_path / "out.csv")] == [chosen]
    dialog.reject()


def test_a_folder_that_cannot_be_written_to_is_said(desk: Desk, page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    exporter, said = Exporter(desk, page), list[Trouble]()
    exporter.failed.connect(said.append)
    exporter.save(Picked((HOSTILE_ID,)), Path("/nowhere/at/all/out.csv"), Format.CSV)
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    assert said[0].title == "The system refused it"


def test_without_a_selection_only_all_matches_are_offered(page: VulnerabilitiesPage) -> None:
    assert [action.isEnabled() for action in page.row_actions.exports] == [False, False, True, True]
    page.list.selectRow(0)
    assert all(action.isEnabled() for action in page.row_actions.exports)
