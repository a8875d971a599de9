"""What is told of, and what is remembered so that nothing is told too often. Pure.

A cause is told of at most once an hour; what happens meanwhile is counted. A recovery is told of where people know that
something was broken.

Quiet hours: what is due meanwhile is kept, and told in one summary afterwards. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.contract.problems import Problem
from backend.contract.settings import QuietHours

AT_MOST_EVERY = timedelta(hours=1)


class NotificationKind(StrEnum):
    RUN_FAILED = "run-failed"
    RUN_RECOVERED = "run-recovered"
    SOURCES_FAILED = "sources-failed"
    SOURCES_RECOVERED = "sources-recovered"
    SERVICE_GAVE_UP = "service-gave-up"
    SERVICE_RECOVERED = "service-recovered"
    EXPLOITED = "exploited"
    SUCCEEDED = "succeeded"
    RELEASE = "release"
    SUMMARY = "summary"  # of what was held back during quiet hours


RECOVERIES = (NotificationKind.RUN_RECOVERED, NotificationKind.SOURCES_RECOVERED, NotificationKind.SERVICE_RECOVERED)


@dataclass(frozen=True)
class Notification:
    """subject: a task's name, a service's title. items: sources, or ids of vulnerabilities. key: of what a click opens.

    count: how often it happened since it was last told. parts: of a summary.
    """

    kind: NotificationKind
    cause: str
    subject: str = ""
    items: tuple[str, ...] = ()
    problem: Problem | None = None
    key: str = ""
    count: int = 1
    parts: tuple[Notification, ...] = ()


@dataclass(frozen=True)
class Cause:
    """latest: what happened last, with all that nobody was told of. known: people know that it is broken."""

    latest: Notification | None = None
    told_at: datetime | None = None
    known: bool = False


@dataclass(frozen=True)
class NotificationMemory:
    """judged: ended runs that were looked at already; None: none yet. stack: whose runs these are.

    kept: held back during quiet hours, by cause. exploited_until: up to when newly exploited vulnerabilities are known.
    """

    stack: str = ""
    judged: tuple[str, ...] | None = None
    causes: Mapping[str, Cause] = field(default_factory=dict)
    kept: Mapping[str, Notification] = field(default_factory=dict)
    exploited_until: datetime | None = None

    def happened(self, alert: Notification) -> NotificationMemory:
        """Once more: told when the cause's hour is over."""
        cause = self.causes.get(alert.cause, Cause())
        if cause.latest is not None:
            items = tuple(dict.fromkeys((*cause.latest.items, *alert.items)))
            alert = replace(alert, count=cause.latest.count + alert.count, items=items)
        return self._with(alert.cause, replace(cause, latest=alert))

    def mended(self, alert: Notification) -> tuple[NotificationMemory, tuple[Notification, ...]]:
        """The cause is gone. Gives what there is to say of it: nothing, where nobody knew."""
        cause = self.causes.get(alert.cause)
        if cause is None:
            return self, ()
        kept = {name: held for name, held in self.kept.items() if name != alert.cause}
        memory = replace(self, kept=kept)._with(alert.cause, replace(cause, latest=None, known=False))
        return memory, (alert,) if cause.known else ()

    def due(self, now: datetime) -> tuple[NotificationMemory, tuple[Notification, ...]]:
        """What may be told now, and has not been. It counts as told, whether it is shown or kept."""
        memory, alerts = self, []
        for name, cause in self.causes.items():
            if cause.latest is not None and (cause.told_at is None or now - cause.told_at >= AT_MOST_EVERY):
                alerts.append(cause.latest)
                memory = memory._with(name, replace(cause, latest=None, told_at=now))
        return memory, tuple(alerts)

    def shown(self, alerts: Iterable[Notification]) -> NotificationMemory:
        """People know of these."""
        memory = self
        for alert in (one for whole in alerts for one in (whole, *whole.parts)):
            if alert.kind not in RECOVERIES and alert.cause in self.causes:
                memory = memory._with(alert.cause, replace(memory.causes[alert.cause], known=True))
        return memory

    def forgotten(self, prefix: str) -> NotificationMemory:
        """As if these causes had never been."""
        return replace(self, causes={name: cause for name, cause in self.causes.items() if not name.startswith(prefix)})

    def _with(self, name: str, cause: Cause) -> NotificationMemory:
        return replace(self, causes={**self.causes, name: cause})


def is_quiet(hours: QuietHours, now: datetime) -> bool:
    """now: in the zone of the user."""
    if not hours.enabled or hours.start == hours.end:
        return False
    time = now.time()
    if hours.start < hours.end:
        return hours.start <= time < hours.end
    return time >= hours.start or time < hours.end


def kept(memory: NotificationMemory, alerts: Sequence[Notification]) -> NotificationMemory:
    held = dict(memory.kept)
    for alert in alerts:
        before = held.get(alert.cause)
        again = before is not None and before.kind is alert.kind
        held[alert.cause] = replace(alert, count=before.count + alert.count) if before and again else alert
    return replace(memory, kept=held)


def released(memory: NotificationMemory) -> tuple[NotificationMemory, tuple[Notification, ...]]:
    """All that was kept, as one."""
    parts = tuple(memory.kept.values())
    memory = replace(memory, kept={})
    if len(parts) > 1:
        return memory, (Notification(NotificationKind.SUMMARY, "summary", parts=parts, count=len(parts)),)
    return memory, parts
