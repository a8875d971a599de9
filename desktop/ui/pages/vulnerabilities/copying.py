"""Results as a table to paste elsewhere: separated by tabs as spreadsheets take it, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from backend.client.api import ApiClient
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.export.files import escape_formula
from desktop.ui.pages.vulnerabilities.record.copying import escaped_markdown
from desktop.ui.pages.vulnerabilities.record.links import record_link
from desktop.ui.pages.vulnerabilities.rows import PAGE, Query, VulnerabilityColumn, VulnerabilityRow, find, titles


class TableForm(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"


def table_text(rows: Sequence[VulnerabilityRow], columns: Sequence[VulnerabilityColumn], form: TableForm) -> str:
    """Return rows as a table with a head, in these columns."""
    lines = _text(rows, columns) if form is TableForm.TEXT else _markdown(rows, columns)
    return "\n".join(lines)


def _text(rows: Iterable[VulnerabilityRow], columns: Sequence[VulnerabilityColumn]) -> Iterator[str]:
    yield "\t".join(titles()[column] for column in columns)
    for row in rows:
        yield "\t".join(escape_formula(row.cells[column]) for column in columns)


def _markdown(rows: Iterable[VulnerabilityRow], columns: Sequence[VulnerabilityColumn]) -> Iterator[str]:
    yield _markdown_line(titles()[column] for column in columns)
    yield _markdown_line("---" for _ in columns)
    for row in rows:
        yield _markdown_line(_markdown_cell(row, column) for column in columns)


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(row: VulnerabilityRow, column: VulnerabilityColumn) -> str:
    if column is VulnerabilityColumn.ID:
        return f"[{row.cve_id}]({record_link(row.cve_id)})"
    return escaped_markdown(row.cells[column])


class TableCopier(QObject):
    """Copies all results of a query, also those that the list has not loaded."""

    done = Signal(str)
    """What was copied, as a sentence."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def copy(self, query: Query, columns: Sequence[VulnerabilityColumn], form: TableForm) -> None:
        self._context.ask(
            lambda client: tuple(_all_rows(client, query)),
            lambda rows: self._take(rows, columns, form),
            self.failed.emit,
            owner=self,
        )

    def _take(self, rows: Sequence[VulnerabilityRow], columns: Sequence[VulnerabilityColumn], form: TableForm) -> None:
        QGuiApplication.clipboard().setText(table_text(rows, columns, form))
        self.done.emit(self.tr("Copied %Ln vulnerabilit(y|ies).", "", len(rows)))


def _all_rows(client: ApiClient, query: Query) -> Iterator[VulnerabilityRow]:
    number, is_full = 0, True
    while is_full:
        rows = find(client, query, number).rows
        yield from rows
        number, is_full = number + 1, len(rows) == PAGE
