"""What happened: events about vulnerabilities, each read or unread, and how a person marks them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from backend.contract.exposure import FindingState
from backend.contract.names import Severity
from backend.contract.wire import Instant, Wire

MAX_MARKED = 10_000
"""Events that one request marks by their ids."""
MAX_ON_MACHINES = 5
"""Findings that an event names; the others are only counted."""


class EventKind(StrEnum):
    EXPLOITED = "exploited"  # became known as exploited
    CRITICAL = "critical"  # is new and critical, or newly critical
    EPSS_ROSE = "epss_rose"  # reached the threshold, or rose by much in one day
    FINDING = "finding"  # was found in a program on a machine
    RESOLVED = "resolved"  # affects a machine no longer
    DUE_SOON = "due_soon"  # CISA's due date is near


class InboxScope(StrEnum):
    MINE = "mine"  # what affects a machine and is not ignored, and what is watched
    PC = "pc"  # the part of it that concerns one PC: of the machines, those whose inventories it sent
    EXPLOITED = "exploited"  # what is known as exploited
    EVERYTHING = "everything"


class EventFinding(Wire):
    """A finding that an event is about. machine_id: the machine's own id; machine: its name."""

    finding_id: int
    machine_id: str
    machine: str
    program: str
    version: str
    fixed_in: str | None
    state: FindingState


class EventFacts(Wire):
    """What an event says wherever it is shown or sent. All but what happened is of the vulnerability as it is now.

    on_machines: the findings of affected programs, the open ones first; of `resolved` those that ended. In the scope
    `pc` only those on its machines.
    watched: the entries of the watchlist, and the watched searches by name, that the vulnerability matches.
    reason: why a finding ended, with `resolved`.
    """

    kind: EventKind
    happened_at: Instant
    cve_id: str
    title: str
    severity: Severity
    exploited: bool
    due_date: date | None
    epss_before: float | None
    epss_after: float | None
    priority_score: float
    reason: str | None
    on_machines: tuple[EventFinding, ...]
    on_machines_total: int
    watched: tuple[str, ...]


class InboxEvent(EventFacts):
    """One event. read_at: null while it is unread."""

    id: int
    read_at: Instant | None


class InboxEvents(Wire):
    """A page of events, the newest first.

    unread, unread_exploited: vulnerabilities, not events, with something unread in the scope, and those of them that
    are known as exploited. What is `resolved` is not counted as exploited.
    """

    items: tuple[InboxEvent, ...]
    total: int
    unread: int
    unread_exploited: int
    page: int
    page_size: int


class InboxCounts(Wire):
    """Vulnerabilities with unread events in the scope `pc`, and those of them that are known as exploited.

    The PC is that of the API, as wherever a request names this scope.
    """

    unread: int = 0
    unread_exploited: int = 0


EventId = Annotated[int, Field(ge=1, lt=2**31)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MarkEvents(_Change):
    """Mark these events as read or unread."""

    ids: Annotated[tuple[EventId, ...], Field(min_length=1, max_length=MAX_MARKED)]
    read: StrictBool


class MarkUpTo(_Change):
    """Mark all events of a scope as read, up to and including this one."""

    up_to: EventId
    scope: InboxScope


class InboxMarked(InboxCounts):
    """The counts after a change. changed: the events that it changed, to undo it; unknown: ids without an event."""

    changed: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
