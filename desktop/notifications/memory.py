"""The memory of notifications, which limits how often a cause is notified. Pure.

A cause is notified at most once an hour; further occurrences are counted. Its end is notified only if the user was
notified of the problem. Notifications during quiet hours are held back and shown in one summary afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.contract.problems import Problem
from backend.contract.settings import QuietHours
from desktop.notifications.events import NotifiedEvent

AT_MOST_EVERY = timedelta(hours=1)
_HISTORY = 200


class NotificationKind(StrEnum):
    PROBLEM = "problem"
    RESOLVED = "resolved"
    EVENTS = "events"  # what is new in the inbox
    FIRST_UPDATE = "first-update"
    SUCCEEDED = "succeeded"
    RELEASE = "release"
    SUMMARY = "summary"  # of what was held back during quiet hours


@dataclass(frozen=True)
class Notification:
    """A notification to show.

    Args:
        cause: Notifications of one cause are counted together.
        problem: The problem that appeared or ended.
        subject: The version of a release.
        events: What is new in the inbox.
        figures: How many vulnerabilities the first update has brought, and how many of them are exploited.
        key: The item that a click opens.
        count: Occurrences since the cause was last shown.
        parts: The notifications that a summary contains.
    """

    kind: NotificationKind
    cause: str
    problem: Problem | None = None
    subject: str = ""
    events: tuple[NotifiedEvent, ...] = ()
    figures: tuple[int, int] = (0, 0)
    key: str = ""
    count: int = 1
    parts: tuple[Notification, ...] = ()


@dataclass(frozen=True)
class Cause:
    """One cause of notifications.

    Args:
        latest: The newest notification, with the count of all that were not shown; None if all were.
        told_at: When the cause was last shown or held back.
        known: Whether the user was notified of a problem that is not over.
    """

    latest: Notification | None = None
    told_at: datetime | None = None
    known: bool = False


@dataclass(frozen=True)
class OpenProblem:
    """A problem that is not known to be over. occurrences: those that were counted."""

    problem: Problem
    occurrences: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownNotification:
    """shown_at: With the user's time zone."""

    notification: Notification
    shown_at: datetime


@dataclass(frozen=True)
class NotificationMemory:
    """The state of the notifications, which is kept over restarts of the program.

    Args:
        stack: The stack whose data `opened` refers to.
        looked: Whether this stack's data were read before. Problems found by the first reading are not notified.
        opened: Problems that are not over, by cause.
        succeeded: The id of the newest update that succeeded.
        held: Notifications held back during quiet hours, by cause.
        filling: Whether no update had succeeded when this stack's data were last read.
        events: The ids of the events that were considered, by stack: each has events of its own.
        history: What was shown, the newest first.
    """

    stack: str = ""
    looked: bool = False
    opened: Mapping[str, OpenProblem] = field(default_factory=dict)
    succeeded: str = ""
    causes: Mapping[str, Cause] = field(default_factory=dict)
    held: Mapping[str, Notification] = field(default_factory=dict)
    filling: bool = False
    events: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    history: tuple[ShownNotification, ...] = ()

    def happened(self, notification: Notification) -> NotificationMemory:
        """Count the notification; `due` returns it once its cause may be shown again."""
        cause = self.causes.get(notification.cause, Cause())
        if cause.latest is not None:
            events = tuple({event.id: event for event in (*cause.latest.events, *notification.events)}.values())
            count = cause.latest.count + notification.count
            notification = replace(notification, count=count, events=events)
        return self._with(notification.cause, replace(cause, latest=notification))

    def resolved(self, notification: Notification) -> tuple[NotificationMemory, tuple[Notification, ...]]:
        """End a cause. Returns the notification to show; none if the user was not notified of the problem."""
        cause = self.causes.get(notification.cause)
        if cause is None:
            return self, ()
        held = {name: waiting for name, waiting in self.held.items() if name != notification.cause}
        memory = replace(self, held=held)._with(notification.cause, replace(cause, latest=None, known=False))
        return memory, (notification,) if cause.known else ()

    def due(self, now: datetime) -> tuple[NotificationMemory, tuple[Notification, ...]]:
        """Return the notifications that may be shown now. They count as shown, even if quiet hours hold them back."""
        memory, notifications = self, []
        for name, cause in self.causes.items():
            if cause.latest is not None and (cause.told_at is None or now - cause.told_at >= AT_MOST_EVERY):
                notifications.append(cause.latest)
                memory = memory._with(name, replace(cause, latest=None, told_at=now))
        return memory, tuple(notifications)

    def shown(self, notifications: Sequence[Notification], now: datetime) -> NotificationMemory:
        """Mark the causes of these notifications as known to the user, and add them to the history."""
        entries = [ShownNotification(part, now) for whole in notifications for part in (whole.parts or (whole,))]
        memory = replace(self, history=(*reversed(entries), *self.history)[:_HISTORY])
        for shown in (part for whole in notifications for part in (whole, *whole.parts)):
            if shown.kind is not NotificationKind.RESOLVED and shown.cause in self.causes:
                memory = memory._with(shown.cause, replace(memory.causes[shown.cause], known=True))
        return memory

    def of_stack(self, stack: str) -> NotificationMemory:
        """Return the memory for a stack, without causes that belong to the data of another one."""
        if stack == self.stack:
            return self
        kept = {name: cause for name, cause in self.causes.items() if not is_of_data(name)}
        opened = {name: known for name, known in self.opened.items() if not is_of_data(name)}
        return replace(self, stack=stack, looked=False, succeeded="", filling=False, causes=kept, opened=opened)

    def _with(self, name: str, cause: Cause) -> NotificationMemory:
        return replace(self, causes={**self.causes, name: cause})


def is_of_data(cause: str) -> bool:
    """Whether a cause is about runs, sources or events: these belong to a database, services do not."""
    return cause.startswith(("run:", "source:", "events"))


def is_quiet(hours: QuietHours, now: datetime) -> bool:
    """Whether the moment is within the quiet hours. now: in the user's time zone."""
    if not hours.enabled or hours.start == hours.end:
        return False
    time = now.time()
    if hours.start < hours.end:
        return hours.start <= time < hours.end
    return time >= hours.start or time < hours.end


def held_back(memory: NotificationMemory, notifications: Sequence[Notification]) -> NotificationMemory:
    held = dict(memory.held)
    for notification in notifications:
        before = held.get(notification.cause)
        again = before is not None and before.kind is notification.kind
        count = before.count + notification.count if before and again else notification.count
        held[notification.cause] = replace(notification, count=count)
    return replace(memory, held=held)


def released(memory: NotificationMemory) -> tuple[NotificationMemory, tuple[Notification, ...]]:
    """Release what was held back: a summary if there are several notifications."""
    parts = tuple(memory.held.values())
    memory = replace(memory, held={})
    if len(parts) > 1:
        return memory, (Notification(NotificationKind.SUMMARY, "summary", parts=parts, count=len(parts)),)
    return memory, parts
