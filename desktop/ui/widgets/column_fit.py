"""Hide columns of a table that is too narrow for all of them. The user's own choice of columns is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Signal

from desktop.ui.page_context import Memory
from desktop.ui.theme.apply import text_width
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.table import RecordTable

_SMALLEST = 10
"""Width of the elastic column where there is no room even for the columns that are never hidden, in digits."""


class ColumnFit(QObject):
    """Fits the columns whenever the table becomes wider or narrower.

    The elastic column takes the room that the others leave; where that is too little, optional columns are hidden. The
    others are never hidden: the elastic column shrinks instead, to half its least width or ten digits. A column that
    the user has shown, hidden or resized stays so, also after the next start; then the table may scroll sideways.

    Args:
        table: has its model already.
        memory: remembers the user's choice, under the table's name.
        elastic: the column's number.
        least: of the elastic column, in digits.
        optional: columns in the order in which they are hidden.
    """

    fitted = Signal()
    """The columns in `without_room` have changed."""

    def __init__(self, table: RecordTable, memory: Memory, elastic: int, least: int, optional: Sequence[int]) -> None:
        super().__init__(table)
        self._table, self._memory, self._key = table, memory, f"{table.name}/chosen"
        self._elastic, self._optional = elastic, optional
        self._least = text_width(table.font(), least) + Space.L
        self._smallest = text_width(table.font(), _SMALLEST) + Space.L
        self._chosen, self._elastic_resized = _read(memory.text(self._key))
        self._fitting = False
        self.without_room: tuple[int, ...] = ()
        table.horizontalHeader().setStretchLastSection(False)
        self._widths = self._column_widths()
        table.chosen.connect(self._column_chosen)
        table.horizontalHeader().sectionResized.connect(self._section_resized)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room = self._table.viewport().width()
        least = self._widths[self._elastic] if self._elastic_resized else self._least
        shown = [column for column in self._widths if self._chosen.get(column, self._table.shown_at_first(column))]
        all_wanted = tuple(shown)
        for column in self._optional:
            if self._inelastic_width(shown) + least <= room:
                break
            if column in shown and column not in self._chosen:
                shown.remove(column)
        self._fitting = True
        for column in self._widths:
            if self._table.isColumnHidden(column) is (column in shown):
                self._table.setColumnHidden(column, column not in shown)
        if not self._elastic_resized:
            smallest = min(least // 2, self._smallest)
            self._table.setColumnWidth(self._elastic, max(smallest, room - self._inelastic_width(shown)))
        self._fitting = False
        self._note_hidden(tuple(column for column in all_wanted if column not in shown))

    def _note_hidden(self, columns: tuple[int, ...]) -> None:
        if columns != self.without_room:
            self.without_room = columns
            self.fitted.emit()

    def _inelastic_width(self, shown: Sequence[int]) -> int:
        return sum(self._widths[column] for column in shown if column != self._elastic)

    def _column_widths(self) -> dict[int, int]:
        """Of hidden columns as well, whose width Qt gives as 0."""
        widths = {}
        for column in range(self._table.horizontalHeader().count()):
            hidden = self._table.isColumnHidden(column)
            self._table.setColumnHidden(column, False)
            widths[column] = self._table.columnWidth(column)
            self._table.setColumnHidden(column, hidden)
        return widths

    def _column_chosen(self, column: int, shown: bool) -> None:
        self._chosen[column] = shown
        self._remember()
        self._fit()

    def _section_resized(self, column: int, before: int, after: int) -> None:
        if self._fitting or not before or not after:  # 0: shown or hidden, which is no new width
            return
        self._widths[column] = after
        if column == self._elastic and not self._elastic_resized:
            self._elastic_resized = True
            self._remember()

    def _remember(self) -> None:
        self._memory.save(self._key, _written(self._chosen, self._elastic_resized))


def _written(chosen: Mapping[int, bool], elastic_resized: bool) -> str:
    """ "+5 -9 =": column 5 is shown, 9 is hidden, the user resized the elastic one."""
    marks = [f"{'+' if shown else '-'}{column}" for column, shown in chosen.items()]
    return " ".join([*marks, *(["="] if elastic_resized else [])])


def _read(text: str) -> tuple[dict[int, bool], bool]:
    marks = text.split()
    chosen = {int(mark[1:]): mark[0] == "+" for mark in marks if mark[0] in "+-" and mark[1:].isdecimal()}
    return chosen, "=" in marks
