"""The report: what happened to vulnerabilities in a period, how that compares with the one before, and what to do.

`GET /report` sends it. Its fields are only added to; `format` grows when one changes its meaning.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from backend.contract.exposure import FindingState
from backend.contract.inventory import FindingVerdict
from backend.contract.names import Severity
from backend.contract.wire import Instant, Wire

REPORT_FORMAT = 1
MAX_ITEMS = 10_000
"""Items of a report; of a longer list the most urgent ones."""


class ReportPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        return timedelta(days={"day": 1, "week": 7, "month": 30}[self])


class ReportScope(StrEnum):
    MINE = "mine"  # what affects a machine, and what is watched
    EXPLOITED = "exploited"  # what is known as exploited
    ALL = "all"


class ReportFormat(StrEnum):
    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"


class ReportKind(StrEnum):
    """What happened."""

    NEW = "new"  # a vulnerability was found in a program on a machine
    FIXED = "fixed"  # it is in that program on that machine no longer
    EXPLOITED = "exploited"  # became known as exploited
    CRITICAL = "critical"  # is new and critical, or newly critical
    EPSS_ROSE = "epss_rose"  # the estimate that it will be exploited rose
    DUE_SOON = "due_soon"  # CISA's due date came near


class ReportItem(Wire):
    """One thing that happened. Title, severity, exploited, due_date and priority_score are as they are now.

    Of `new` and `fixed`, also the finding:

    Attributes:
        counted: Whether it is in the figures. Not: what was ignored; what may only affect the program; and where the
            machine was, or stays, affected all the same, as by an update to a version that is as vulnerable.
        fixed_in: The version to update to.
        reason: Why a finding ended.
        verdict: Of the present statements; null where the finding has ended since.
    """

    kind: ReportKind
    happened_at: Instant
    cve_id: str
    title: str = ""
    severity: Severity = Severity.UNKNOWN
    exploited: bool = False
    due_date: date | None = None
    priority_score: float = 0.0
    counted: bool = True
    finding_id: int | None = None
    machine: str = ""
    program: str = ""
    version: str = ""
    fixed_in: str = ""
    verdict: FindingVerdict | None = None
    state: FindingState | None = None
    reason: str = ""
    epss_before: float | None = None
    epss_after: float | None = None


class OverdueItem(Wire):
    """A vulnerability whose due date of CISA has passed, and a program that has it; none where it is only watched."""

    cve_id: str
    title: str
    due_date: date
    machine: str = ""
    program: str = ""
    version: str = ""
    fixed_in: str = ""


class ReportProgram(Wire):
    """A program in one version, on all machines of the report. affected, exploited: its open vulnerabilities.

    mended: how many of them `update_to` ends.
    """

    name: str
    version: str
    machines: tuple[str, ...]
    affected: int
    exploited: int
    update_to: str = ""
    mended: int = 0


class ReportFigures(Wire):
    """Numbers of vulnerabilities. new: came to affect a machine; fixed: affect one no longer.

    exploited: those of the new ones that are known as exploited, and those that became known as exploited.
    """

    new: int = 0
    exploited: int = 0
    fixed: int = 0


class Report(Wire):
    """The report of a period from `since`, inclusive, to `until`, exclusive.

    Attributes:
        machine: Name of the only machine that it is about; empty: all.
        previous: The figures of the period of the same length before; `previous_since` is its beginning.
        open: Vulnerabilities that affect a machine at the end, and are not ignored.
        overdue: Those of what concerns the users whose due date has passed; `became_overdue`: since `since`.
        items: What happened: the most urgent first, at most MAX_ITEMS of `items_total`.
    """

    format: int = REPORT_FORMAT
    generated_at: Instant
    scope: ReportScope
    since: Instant
    until: Instant
    previous_since: Instant
    machine: str = ""
    machines: int = 0
    figures: ReportFigures
    previous: ReportFigures
    open: int = 0
    overdue: int = 0
    became_overdue: int = 0
    programs: tuple[ReportProgram, ...] = ()
    overdue_items: tuple[OverdueItem, ...] = ()
    items: tuple[ReportItem, ...] = ()
    items_total: int = 0
