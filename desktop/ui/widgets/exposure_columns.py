"""Columns that tables of programs and machines share: what is exploited, and how severe the worst is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtGui import QFont

from backend.contract.machine_exposure import ProgramExposure
from backend.contract.names import Severity
from backend.contract.team import CommonProgram
from desktop.ui.formatting import number, translate
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import badge_characters
from desktop.ui.widgets.looks import Look, severity_look
from desktop.ui.widgets.record_model import RecordColumn

Record = TypeVar("Record")
Program = TypeVar("Program", ProgramExposure, CommonProgram)
_MANY = 99  # exploited vulnerabilities that have room


def exploited_column(count: Callable[[Record], int]) -> RecordColumn[Record]:
    """How many vulnerabilities of a row are exploited; empty without one."""

    def look(record: Record) -> Look | None:
        return _exploited_look(count(record)) if count(record) else None

    def text(record: Record) -> str:
        return _exploited_look(count(record)).word if count(record) else ""

    return RecordColumn(translate("exposure", "Exploited"), text, look)


def worst_column() -> RecordColumn[Program]:
    """The highest severity of the vulnerabilities of a program; empty without one."""

    def look(program: Program) -> Look | None:
        return severity_look(program.worst) if program.affected and program.worst is not Severity.UNKNOWN else None

    def text(program: Program) -> str:
        return severity_look(program.worst).word if program.affected else ""

    return RecordColumn(translate("exposure", "Worst"), text, look)


def exploited_digits(font: QFont) -> int:
    """The width of `exploited_column` in digits."""
    return badge_characters(_exploited_look(_MANY), font)


def worst_digits(font: QFont) -> int:
    """The width of `worst_column` in digits."""
    return badge_characters(severity_look(Severity.UNKNOWN), font)


def _exploited_look(count: int) -> Look:
    return Look("fire", translate("exposure", "{0} exploited").format(number(count)), Tone.BAD)
