"""The records before and after one in the list."""

from __future__ import annotations

from desktop.ui.pages.vulnerabilities.list_view import ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel

_NEAR = 500
"""Rows before and after the current one in which a record is looked for: further ones are seldom loaded."""


class Neighbours:
    def __init__(self, view: ListView, model: VulnerabilityModel) -> None:
        self._view, self._model = view, model

    def step(self, step: int) -> None:
        """Select the row that many rows after the current one, if there is one."""
        row = self._view.currentIndex().row() + step
        if 0 <= row < self._model.rowCount():
            self._view.selectRow(row)

    def of(self, cve_id: str, step: int) -> str:
        """Return the id that many rows after a record; "" where the list has neither or has not loaded it."""
        current = max(self._view.currentIndex().row(), 0)
        near = range(max(current - _NEAR, 0), min(current + _NEAR, self._model.rowCount()))
        row = self._model.number_of(cve_id, near)
        other = None if row is None or row + step < 0 else self._model.row(row + step)
        return other.cve_id if other else ""
