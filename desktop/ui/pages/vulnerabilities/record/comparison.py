"""What each source says, side by side, with the value that won and the rule by which it did."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from backend.contract.names import Source
from backend.contract.problems import Problem
from backend.contract.record_details import ComparedField, SourceComparison
from desktop.ui.formatting import tip
from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.record.facts import field_title, field_value_words, source_words
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.problem_texts import problem_message, problem_title
from desktop.ui.widgets.rule_texts import rule_sentence
from desktop.ui.widgets.table import RecordTable, spoken
from desktop.ui.widgets.text import Muted

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole
_WIDTHS = (14, *(18 for _ in Source))


@dataclass(frozen=True)
class ComparedRow:
    """cells: the title of the field, then what each source says, in the order of `Source`; "" where it says nothing."""

    cells: tuple[str, ...]
    rule: str


def row_of(field: ComparedField) -> ComparedRow:
    winners = field.winner.split("+")
    words_of = {value.source: field_value_words(field.field, value.value) for value in field.values}
    cells = {source: f"✓ {words}" if source in winners else words for source, words in words_of.items()}
    return ComparedRow(
        (field_title(field.field), *(cells.get(source, "") for source in Source)), rule_sentence(field.rule)
    )


class ComparisonModel(QAbstractTableModel):
    def __init__(self, first_title: str) -> None:
        super().__init__()
        self._titles = (first_title, *(source_words(source) for source in Source))
        self.rows: tuple[ComparedRow, ...] = ()

    def show_rows(self, rows: tuple[ComparedRow, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:  # noqa: N802
        return self._titles[section] if orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == _ROLE.DisplayRole:
            return row.cells[index.column()]
        if role == _ROLE.AccessibleTextRole:
            return spoken(self, index)
        return tip(row.cells[index.column()]) if role == _ROLE.ToolTipRole else None


class SourceComparisonView(QWidget):
    """Asks for the comparison when it is shown; the rule of the selected field stands below the table."""

    wanted = Signal()

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._is_known = False
        self.table, self.rule, self._empty = RecordTable(memory, "record/sources"), Muted(), EmptyState()
        self.rows = ComparisonModel(self.tr("Field"))
        self.rows.setParent(self)
        self.table.set_model(self.rows, _WIDTHS)
        self.table.setAccessibleName(self.tr("What each source says"))
        self.table.selectionModel().currentRowChanged.connect(lambda current: self._show_rule(current.row()))
        self.rule.setWordWrap(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.table, 1)
        column.addWidget(self.rule)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(inside)
        self.forget()

    def forget(self) -> None:
        """Another record is shown, or this one has changed."""
        self._is_known = False
        self._empty.show_message("", self.tr("Loading what each source says…"))
        self._stack.setCurrentIndex(0)
        if self.isVisible():
            self.wanted.emit()

    def show_comparison(self, comparison: SourceComparison) -> None:
        self._is_known = True
        self.rows.show_rows(tuple(map(row_of, comparison.fields)))
        for place, source in enumerate(Source, start=1):
            self.table.setColumnHidden(place, source not in comparison.sources)
        self._stack.setCurrentIndex(1)
        self.table.selectRow(0)

    def show_failure(self, problem: Problem) -> None:
        self._empty.show_message("shield-off-outline", problem_title(problem), problem_message(problem))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if not self._is_known:
            self.wanted.emit()

    def _show_rule(self, row: int) -> None:
        if 0 <= row < len(self.rows.rows):
            shown = self.rows.rows[row]
            self.rule.setText(self.tr("✓ counts. {0}: {1}").format(shown.cells[0], shown.rule))
