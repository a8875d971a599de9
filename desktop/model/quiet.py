"""Quiet hours: what is due meanwhile is kept, and told in one summary afterwards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.contract.settings import QuietHours
from desktop.model.alert_memory import Alert, AlertKind, AlertMemory


def is_quiet(hours: QuietHours, now: datetime) -> bool:
    """now: in the zone of the user."""
    if not hours.enabled or hours.start == hours.end:
        return False
    time = now.time()
    if hours.start < hours.end:
        return hours.start <= time < hours.end
    return time >= hours.start or time < hours.end


def kept(memory: AlertMemory, alerts: Sequence[Alert]) -> AlertMemory:
    held = dict(memory.kept)
    for alert in alerts:
        before = held.get(alert.cause)
        again = before is not None and before.kind is alert.kind
        held[alert.cause] = replace(alert, count=before.count + alert.count) if before and again else alert
    return replace(memory, kept=held)


def released(memory: AlertMemory) -> tuple[AlertMemory, tuple[Alert, ...]]:
    """All that was kept, as one."""
    parts = tuple(memory.kept.values())
    memory = replace(memory, kept={})
    if len(parts) > 1:
        return memory, (Alert(AlertKind.SUMMARY, "summary", parts=parts, count=len(parts)),)
    return memory, parts
