"""Results as tables: what is pasted elsewhere is read as what it is."""

from __future__ import annotations

from desktop.ui.pages.vulnerabilities.copying import TableForm, table_text
from desktop.ui.pages.vulnerabilities.rows import VulnerabilityColumn, VulnerabilityRow

COLUMNS = (VulnerabilityColumn.ID, VulnerabilityColumn.TITLE)


def row(cve_id: str, title: str) -> VulnerabilityRow:
    cells = {VulnerabilityColumn.ID: cve_id, VulnerabilityColumn.TITLE: title}
    return VulnerabilityRow(cve_id, tuple(cells.get(column, "") for column in VulnerabilityColumn), {}, rejected=False)


def test_a_table_has_a_head_and_tabs() -> None:
    text = table_text([row("CVE-2026-1", "A flaw"), row("CVE-2026-2", "")], COLUMNS, TableForm.TEXT)
    assert text == "ID\tTitle\nCVE-2026-1\tA flaw\nCVE-2026-2\t"


def test_a_spreadsheet_computes_nothing_of_it() -> None:
    assert table_text([row("CVE-2026-1", "=1+1")], COLUMNS, TableForm.TEXT).endswith("\t'=1+1")


def test_markdown_shows_titles_as_they_are_and_links_ids() -> None:
    text = table_text([row("CVE-2026-1", "a|b <i>*x*")], COLUMNS, TableForm.MARKDOWN)
    assert text.split("\n") == [
        "| ID | Title |",
        "| --- | --- |",
        "| [CVE-2026-1](https://www.cve.org/CVERecord?id=CVE-2026-1) | a\\|b \\<i\\>\\*x\\* |",
    ]


def test_only_the_columns_that_are_shown_are_copied() -> None:
    assert table_text([row("CVE-2026-1", "A flaw")], COLUMNS[1:], TableForm.TEXT) == "Title\nA flaw"


def test_no_results_are_a_head_alone() -> None:
    assert table_text([], COLUMNS, TableForm.TEXT) == "ID\tTitle"
