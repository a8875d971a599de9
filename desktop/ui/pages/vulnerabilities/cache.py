"""Pages of rows that are at hand; those not looked at for longest are let go."""

from __future__ import annotations

from collections import OrderedDict

from desktop.ui.pages.vulnerabilities.rows import PAGE, Row

_MOST = 160


class PageCache:
    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._pages: OrderedDict[int, tuple[Row, ...]] = OrderedDict()
        self._fresh: set[int] = set()

    def row(self, number: int) -> Row | None:
        rows = self._pages.get(number // PAGE, ())
        place = number % PAGE
        return rows[place] if place < len(rows) else None

    def rows(self, place: int) -> tuple[Row, ...]:
        return self._pages.get(place, ())

    def put(self, place: int, rows: tuple[Row, ...]) -> None:
        self._pages[place] = rows
        self._pages.move_to_end(place)
        self._fresh.add(place)
        while len(self._pages) > self._most:
            gone, _ = self._pages.popitem(last=False)
            self._fresh.discard(gone)

    def use(self, place: int) -> None:
        """It is looked at: keep it longer than others."""
        if place in self._pages:
            self._pages.move_to_end(place)

    def is_fresh(self, place: int) -> bool:
        return place in self._fresh

    def grow_old(self) -> None:
        """What is at hand is still shown, and asked for again where it is looked at."""
        self._fresh.clear()

    def clear(self) -> None:
        self._pages.clear()
        self._fresh.clear()
