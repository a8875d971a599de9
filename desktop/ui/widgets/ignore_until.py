"""The choice of how long something is ignored."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtWidgets import QComboBox

_FOR_GOOD = 0
_USUAL = 90
"""Days; long enough not to be a nuisance, and short enough that nothing is forgotten."""


class IgnoreUntil(QComboBox):
    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Ignore until"))
        for days, words in (
            (_FOR_GOOD, self.tr("until I change it")),
            (7, self.tr("for 7 days")),
            (30, self.tr("for 30 days")),
            (_USUAL, self.tr("for 90 days")),
            (365, self.tr("for 1 year")),
        ):
            self.addItem(words, days)
        self.setCurrentIndex(self.findData(_USUAL))

    def end(self, now: datetime) -> datetime | None:
        """When what is ignored counts as open again; None: never by itself."""
        days = self.currentData()
        return now + timedelta(days=days) if days else None
