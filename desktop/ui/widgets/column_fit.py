"""Columns that give way where a table is too narrow for all of them. What somebody chose himself stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject

from desktop.ui.page_context import Memory
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.table import RecordTable


class Fitting(QObject):
    """One column, the elastic one, takes what the others leave; where that is too little, others are hidden.

    giving_way: the first of them goes first. The others never go; rather than that the elastic one shrinks to half its
    least. Whatever somebody showed, hid or sized by hand is as he left it, now and after the next start: rather than
    against that the table scrolls sideways.
    """

    def __init__(self, table: RecordTable, memory: Memory, elastic: int, least: int, giving_way: Sequence[int]) -> None:
        """The table has its model. least: in characters."""
        super().__init__(table)
        self._table, self._memory, self._key = table, memory, f"{table.name}/chosen"
        self._elastic, self._giving_way = elastic, giving_way
        self._least = least * table.fontMetrics().averageCharWidth() + Space.L
        self._chosen, self._sized = _read(memory.text(self._key))
        self._busy = False
        table.horizontalHeader().setStretchLastSection(False)
        self._widths = self._measured()
        table.chosen.connect(self._choose)
        table.horizontalHeader().sectionResized.connect(self._resized)

    def fit(self) -> None:
        """To be called whenever the table has become wider or narrower."""
        room = self._table.viewport().width()
        least = self._widths[self._elastic] if self._sized else self._least
        shown = [column for column in self._widths if self._chosen.get(column, self._table.shown_at_first(column))]
        for column in self._giving_way:
            if self._taken(shown) + least <= room:
                break
            if column in shown and column not in self._chosen:
                shown.remove(column)
        self._busy = True
        for column in self._widths:
            if self._table.isColumnHidden(column) is (column in shown):
                self._table.setColumnHidden(column, column not in shown)
        if not self._sized:
            self._table.setColumnWidth(self._elastic, max(least // 2, room - self._taken(shown)))
        self._busy = False

    def _taken(self, shown: Sequence[int]) -> int:
        """By all but the elastic one."""
        return sum(self._widths[column] for column in shown if column != self._elastic)

    def _measured(self) -> dict[int, int]:
        """A hidden column has no width."""
        widths = {}
        for column in range(self._table.horizontalHeader().count()):
            hidden = self._table.isColumnHidden(column)
            self._table.setColumnHidden(column, False)
            widths[column] = self._table.columnWidth(column)
            self._table.setColumnHidden(column, hidden)
        return widths

    def _choose(self, column: int, shown: bool) -> None:
        self._chosen[column] = shown
        self._keep()
        self.fit()

    def _resized(self, column: int, before: int, now: int) -> None:
        if self._busy or not before or not now:  # shown or hidden, which is no new width
            return
        self._widths[column] = now
        if column == self._elastic and not self._sized:
            self._sized = True
            self._keep()

    def _keep(self) -> None:
        self._memory.keep(self._key, _written(self._chosen, self._sized))


def _written(chosen: Mapping[int, bool], sized: bool) -> str:
    """ "+5 -9 =": the fifth is shown, the ninth is not, the elastic one has a width of its own."""
    return " ".join(
        [*(f"{'+' if shown else '-'}{column}" for column, shown in chosen.items()), *(["="] if sized else [])]
    )


def _read(text: str) -> tuple[dict[int, bool], bool]:
    marks = text.split()
    chosen = {int(mark[1:]): mark[0] == "+" for mark in marks if mark[0] in "+-" and mark[1:].isdecimal()}
    return chosen, "=" in marks
