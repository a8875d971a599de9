"""The fields of each kind of schedule.

Which kind of schedule, and what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from PySide6.QtCore import QLocale, QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QStackedWidget,
    QTimeEdit,
    QWidget,
)

from desktop.ui.pages.schedule.recurrence import (
    HOUR_STEPS,
    MINUTE_STEPS,
    Daily,
    EveryHours,
    EveryMinutes,
    OwnLine,
    Rhythm,
    Weekly,
    rhythm_of,
)
from desktop.ui.theme.apply import fixed_font, text_width
from desktop.ui.theme.tokens import Space

_LINE_CHARACTERS = 24
_WEEK = range(1, 8)
_USUAL_STEP, _USUAL_TIME, _USUAL_DAYS = 2, time(3), (1,)


class Fields(QWidget):
    """Those of one kind. What they say at first is given; of another kind it is what is usual."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.S)

    @property
    def kind(self) -> str:
        """What the choice between the kinds calls it."""
        raise NotImplementedError

    @property
    def rhythm(self) -> Rhythm:
        raise NotImplementedError

    def _place(self, *parts: QWidget | str) -> None:
        for part in parts:
            self._row.addWidget(QLabel(part) if isinstance(part, str) else part)
        self._row.addStretch(1)


class MinuteFields(Fields):
    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__()
        step = rhythm.step if isinstance(rhythm, EveryMinutes) else MINUTE_STEPS[-1]
        self._step = _choice(self.tr("Minutes between runs"), MINUTE_STEPS, step)
        self._step.currentIndexChanged.connect(self.changed)
        self._place(self._step, self.tr("minutes"))

    @property
    def kind(self) -> str:
        return self.tr("Every few minutes")

    @property
    def rhythm(self) -> Rhythm:
        return EveryMinutes(int(self._step.currentData()))


class HourFields(Fields):
    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__()
        said = rhythm if isinstance(rhythm, EveryHours) else EveryHours(_USUAL_STEP)
        self._step = _choice(self.tr("Hours between runs"), HOUR_STEPS, said.step)
        self._minute = QSpinBox(minimum=0, maximum=59, value=said.minute)
        self._minute.setAccessibleName(self.tr("Minutes past the hour"))
        self._step.currentIndexChanged.connect(self.changed)
        self._minute.valueChanged.connect(self.changed)
        self._place(self._step, self.tr("hours, at minute"), self._minute)

    @property
    def kind(self) -> str:
        return self.tr("Every few hours")

    @property
    def rhythm(self) -> Rhythm:
        return EveryHours(int(self._step.currentData()), self._minute.value())


class DayFields(Fields):
    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__()
        self._at = _time_field(self.tr("Time"), rhythm.at if isinstance(rhythm, Daily) else _USUAL_TIME)
        self._at.timeChanged.connect(self.changed)
        self._place(self.tr("at"), self._at)

    @property
    def kind(self) -> str:
        return self.tr("Every day")

    @property
    def rhythm(self) -> Rhythm:
        return Daily(_told(self._at))


class WeekFields(Fields):
    """At least one day stays chosen."""

    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__()
        said = rhythm if isinstance(rhythm, Weekly) else Weekly(_USUAL_DAYS, _USUAL_TIME)
        self._days = {day: _day_box(day, chosen=day in said.days) for day in _WEEK}
        self._at = _time_field(self.tr("Time"), said.at)
        self._at.timeChanged.connect(self.changed)
        for box in self._days.values():
            box.clicked.connect(lambda _=False, box=box: self._clicked(box))
        self._place(self.tr("on"), *self._days.values(), self.tr("at"), self._at)

    @property
    def kind(self) -> str:
        return self.tr("On days of the week")

    @property
    def rhythm(self) -> Rhythm:
        return Weekly(self._chosen, _told(self._at))

    @property
    def _chosen(self) -> tuple[int, ...]:
        return tuple(day for day, box in self._days.items() if box.isChecked())

    def _clicked(self, box: QCheckBox) -> None:
        if not self._chosen:
            box.setChecked(True)
        self.changed.emit()


class OwnFields(Fields):
    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__()
        self._line = QLineEdit(rhythm.line)
        self._line.setFont(fixed_font(self._line.font()))
        self._line.setMinimumWidth(text_width(self._line.font(), _LINE_CHARACTERS))
        self._line.setAccessibleName(self.tr("Cron line"))
        self._line.setToolTip(self.tr("Minute, hour, day, month, weekday"))
        self._line.textEdited.connect(self.changed)
        self._place(self._line)

    @property
    def kind(self) -> str:
        return self.tr("Own cron line")

    @property
    def rhythm(self) -> Rhythm:
        return OwnLine(" ".join(self._line.text().split()))


def _choice(name: str, steps: Iterable[int], chosen: int) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for step in steps:
        box.addItem(QLocale().toString(step), step)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _time_field(name: str, at: time) -> QTimeEdit:
    field = QTimeEdit(QTime(at.hour, at.minute))
    field.setDisplayFormat(QLocale().timeFormat(QLocale.FormatType.ShortFormat))
    field.setAccessibleName(name)
    return field


def _told(field: QTimeEdit) -> time:
    return time(field.time().hour(), field.time().minute())


def _day_box(day: int, *, chosen: bool) -> QCheckBox:
    box = QCheckBox(QLocale().standaloneDayName(day, QLocale.FormatType.ShortFormat))
    box.setAccessibleName(QLocale().standaloneDayName(day))
    box.setChecked(chosen)
    return box


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
