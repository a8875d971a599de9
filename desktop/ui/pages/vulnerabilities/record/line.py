"""A row of a record's tables."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.ui.widgets.looks import Look


@dataclass(frozen=True)
class Line:
    """cells: the texts, also of a cell that is a badge. link: the address that opens, if it is safe.

    look: of the first cell, as a badge. tip: the tooltip; empty: the text of each cell.
    """

    cells: tuple[str, ...]
    link: str = ""
    look: Look | None = None
    tip: str = ""
