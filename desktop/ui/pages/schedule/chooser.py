"""Which kind of schedule, and what it says."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QWidget

from desktop.ui.pages.schedule.fields import DayFields, Fields, HourFields, MinuteFields, OwnFields, WeekFields
from desktop.ui.pages.schedule.rhythm import rhythm_of
from desktop.ui.theme.tokens import Space


class Chooser(QWidget):
    """line: the cron line that it begins with."""

    changed = Signal(str)
    """The cron line that is chosen now."""

    def __init__(self, line: str) -> None:
        super().__init__()
        begun = rhythm_of(line)
        self._kinds, self._stack = QComboBox(), QStackedWidget()
        self._kinds.setAccessibleName(self.tr("How often"))
        self._fields: tuple[Fields, ...] = tuple(
            kind(begun) for kind in (MinuteFields, HourFields, DayFields, WeekFields, OwnFields)
        )
        for fields in self._fields:
            self._kinds.addItem(fields.kind)
            self._stack.addWidget(fields)
            fields.changed.connect(self._tell)
        self._kinds.setCurrentIndex(next(i for i, one in enumerate(self._fields) if type(one.rhythm) is type(begun)))
        self._stack.setCurrentIndex(self._kinds.currentIndex())
        self._kinds.currentIndexChanged.connect(self._choose)
        self.setFocusProxy(self._kinds)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._kinds)
        row.addWidget(self._stack, 1)

    @property
    def line(self) -> str:
        return self._fields[self._kinds.currentIndex()].rhythm.line

    def _choose(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.line)
