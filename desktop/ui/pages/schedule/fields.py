"""The fields of each kind of recurrence, and the chooser that shows those of one kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from PySide6.QtCore import QTime, Signal
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

from desktop.ui.formatting import number, time_format, weekday_name
from desktop.ui.pages.schedule.recurrence import (
    HOUR_STEPS,
    MINUTE_STEPS,
    CronLine,
    Daily,
    EveryHours,
    EveryMinutes,
    Recurrence,
    Weekly,
    recurrence_of,
)
from desktop.ui.theme.apply import fixed_font, text_width
from desktop.ui.theme.tokens import Space

_LINE_CHARACTERS = 24
_WEEK = range(1, 8)
_DEFAULT_STEP, _DEFAULT_TIME, _DEFAULT_DAYS = 2, time(3), (1,)


class Fields(QWidget):
    """The fields of one kind of recurrence; they start with defaults unless the given recurrence is of that kind."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(Space.S)

    @property
    def kind(self) -> str:
        """The name of the kind."""
        raise NotImplementedError

    @property
    def recurrence(self) -> Recurrence:
        raise NotImplementedError

    def _add(self, *parts: QWidget | str) -> None:
        for part in parts:
            self._row.addWidget(QLabel(part) if isinstance(part, str) else part)
        self._row.addStretch(1)


class MinuteFields(Fields):
    def __init__(self, recurrence: Recurrence) -> None:
        super().__init__()
        step = recurrence.step if isinstance(recurrence, EveryMinutes) else MINUTE_STEPS[-1]
        self._step = _choice(self.tr("Minutes between runs"), MINUTE_STEPS, step)
        self._step.currentIndexChanged.connect(self.changed)
        self._add(self._step, self.tr("minutes"))

    @property
    def kind(self) -> str:
        return self.tr("Every few minutes")

    @property
    def recurrence(self) -> Recurrence:
        return EveryMinutes(int(self._step.currentData()))


class HourFields(Fields):
    def __init__(self, recurrence: Recurrence) -> None:
        super().__init__()
        given = recurrence if isinstance(recurrence, EveryHours) else EveryHours(_DEFAULT_STEP)
        self._step = _choice(self.tr("Hours between runs"), HOUR_STEPS, given.step)
        self._minute = QSpinBox(minimum=0, maximum=59, value=given.minute)
        self._minute.setAccessibleName(self.tr("Minutes past the hour"))
        self._step.currentIndexChanged.connect(self.changed)
        self._minute.valueChanged.connect(self.changed)
        self._add(self._step, self.tr("hours, at minute"), self._minute)

    @property
    def kind(self) -> str:
        return self.tr("Every few hours")

    @property
    def recurrence(self) -> Recurrence:
        return EveryHours(int(self._step.currentData()), self._minute.value())


class DayFields(Fields):
    def __init__(self, recurrence: Recurrence) -> None:
        super().__init__()
        self._at = _time_field(self.tr("Time"), recurrence.at if isinstance(recurrence, Daily) else _DEFAULT_TIME)
        self._at.timeChanged.connect(self.changed)
        self._add(self.tr("at"), self._at)

    @property
    def kind(self) -> str:
        return self.tr("Every day")

    @property
    def recurrence(self) -> Recurrence:
        return Daily(_time_of(self._at))


class WeekFields(Fields):
    """Keeps at least one day checked."""

    def __init__(self, recurrence: Recurrence) -> None:
        super().__init__()
        given = recurrence if isinstance(recurrence, Weekly) else Weekly(_DEFAULT_DAYS, _DEFAULT_TIME)
        self._days = {day: _day_box(day, chosen=day in given.days) for day in _WEEK}
        self._at = _time_field(self.tr("Time"), given.at)
        self._at.timeChanged.connect(self.changed)
        for box in self._days.values():
            box.clicked.connect(lambda _=False, box=box: self._clicked(box))
        self._add(self.tr("on"), *self._days.values(), self.tr("at"), self._at)

    @property
    def kind(self) -> str:
        return self.tr("Every week")

    @property
    def recurrence(self) -> Recurrence:
        return Weekly(self._chosen, _time_of(self._at))

    @property
    def _chosen(self) -> tuple[int, ...]:
        return tuple(day for day, box in self._days.items() if box.isChecked())

    def _clicked(self, box: QCheckBox) -> None:
        if not self._chosen:
            box.setChecked(True)
        self.changed.emit()


class CronFields(Fields):
    def __init__(self, recurrence: Recurrence) -> None:
        super().__init__()
        self._line = QLineEdit(recurrence.line)
        self._line.setFont(fixed_font(self._line.font()))
        self._line.setMinimumWidth(text_width(self._line.font(), _LINE_CHARACTERS))
        self._line.setAccessibleName(self.tr("Cron expression"))
        self._line.setToolTip(self.tr("Minute, hour, day of the month, month, day of the week"))
        self._line.textEdited.connect(self.changed)
        self._add(self._line)

    @property
    def kind(self) -> str:
        return self.tr("Cron expression")

    @property
    def recurrence(self) -> Recurrence:
        return CronLine(" ".join(self._line.text().split()))


def _choice(name: str, steps: Iterable[int], chosen: int) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for step in steps:
        box.addItem(number(step), step)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _time_field(name: str, at: time) -> QTimeEdit:
    field = QTimeEdit(QTime(at.hour, at.minute))
    field.setDisplayFormat(time_format())
    field.setAccessibleName(name)
    return field


def _time_of(field: QTimeEdit) -> time:
    return time(field.time().hour(), field.time().minute())


def _day_box(day: int, *, chosen: bool) -> QCheckBox:
    box = QCheckBox(weekday_name(day, short=True))
    box.setAccessibleName(weekday_name(day))
    box.setChecked(chosen)
    return box


class RecurrenceChooser(QWidget):
    """Starts with the recurrence of a cron expression."""

    changed = Signal(str)
    """The cron expression chosen now."""

    def __init__(self, line: str) -> None:
        super().__init__()
        start = recurrence_of(line)
        self._kinds, self._stack = QComboBox(), QStackedWidget()
        self._kinds.setAccessibleName(self.tr("Frequency"))
        self._fields: tuple[Fields, ...] = tuple(
            kind(start) for kind in (MinuteFields, HourFields, DayFields, WeekFields, CronFields)
        )
        for fields in self._fields:
            self._kinds.addItem(fields.kind)
            self._stack.addWidget(fields)
            fields.changed.connect(self._emit_changed)
        self._kinds.setCurrentIndex(
            next(i for i, fields in enumerate(self._fields) if type(fields.recurrence) is type(start))
        )
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
        return self._fields[self._kinds.currentIndex()].recurrence.line

    def _choose(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        self._emit_changed()

    def _emit_changed(self) -> None:
        self.changed.emit(self.line)
