"""Which events of the inbox are notified, and what a notification says of each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.inbox import EventKind, InboxEvent
from backend.contract.names import Severity
from backend.contract.settings import InboxThresholds


@dataclass(frozen=True)
class NotifiedEvent:
    """An event as a notification needs it.

    Attributes:
        program: The program that it is about, or what is watched; empty where neither is known.
        machine: The name of the machine; empty for something that is only watched.
        is_here: Whether the program is on this machine.
        fixed_in: The version to update to; empty where none is known.
    """

    id: int
    kind: EventKind
    cve_id: str
    exploited: bool
    critical: bool
    program: str = ""
    version: str = ""
    machine: str = ""
    is_here: bool = False
    fixed_in: str = ""


def notified_event(event: InboxEvent, machine_id: str) -> NotifiedEvent:
    """Return what a notification says of an event; of several programs, one on this machine.

    Args:
        machine_id: The id of this machine.
    """
    here = [found for found in event.on_machines if found.machine_id == machine_id]
    found = next(iter((*here, *event.on_machines)), None)
    critical = event.severity is Severity.CRITICAL
    if found is None:
        watched = next(iter(event.watched), "")
        return NotifiedEvent(event.id, event.kind, event.cve_id, event.exploited, critical, watched)
    return NotifiedEvent(
        event.id,
        event.kind,
        event.cve_id,
        event.exploited,
        critical,
        found.program,
        found.version,
        found.machine,
        bool(here),
        found.fixed_in or "",
    )


def is_notified_event(event: NotifiedEvent, thresholds: InboxThresholds) -> bool:
    """Whether a person is notified of an event: of a finding only if it is exploited or critical.

    A vulnerability that is found on a machine is judged as one that has just become known.
    """
    match event.kind:
        case EventKind.RESOLVED:
            return False
        case EventKind.FINDING:
            return (event.exploited and thresholds.exploited) or (event.critical and thresholds.critical)
    return True
