"""The state of the whole program in one word, for the icon in the tray: from the list of problems and the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backend.contract.inbox import InboxCounts
from backend.contract.problem_catalogue import Outlook, ProblemId, Weight
from backend.contract.problems import Problem
from backend.contract.tasks import share_of
from desktop.problems.problems import problems
from desktop.state.app_state import AppState


class Kind(StrEnum):
    WELL = "well"
    ATTENTION = "attention"  # something that concerns this PC is being exploited, and the person has not read it
    UPDATING = "updating"
    PAUSED = "paused"  # something does not run, because a person wanted it so
    DEGRADED = "degraded"  # it works, but a source or a part does not
    FAILED = "failed"  # it does not do its work
    STARTING = "starting"
    STOPPED = "stopped"


@dataclass(frozen=True)
class OverallStatus:
    """What the tray shows.

    Args:
        problem: The heaviest one, if there is any.
        share: How far the running update is, 0-1; None where that is unknown.
        unread: What concerns this PC and is unread.
    """

    kind: Kind
    problem: Problem | None = None
    share: float | None = None
    unread: InboxCounts = field(default_factory=InboxCounts)


def overall_status(state: AppState) -> OverallStatus:
    worst = next(iter(problems(state)), None)
    share = share_of(state.update.progress) if state.update else None
    return OverallStatus(_kind(state, worst), worst, share, unread_counts(state))


def unread_counts(state: AppState) -> InboxCounts:
    """Return what concerned this PC and was unread when the API last answered."""
    return state.snapshot.inbox if state.snapshot else InboxCounts()


def _kind(state: AppState, worst: Problem | None) -> Kind:
    weight = worst.weight if worst else 0
    services = state.supervision.services
    if worst is not None and worst.id is ProblemId.SERVICES_STOPPED:
        return Kind.STOPPED
    if weight >= Weight.ERROR:
        return Kind.FAILED
    if unread_counts(state).unread_exploited:
        return Kind.ATTENTION
    if state.update is not None and state.stale_reason is None:
        return Kind.UPDATING
    if weight >= Weight.WARNING:
        return Kind.DEGRADED
    if state.snapshot is None or not all(service.ready or not service.wanted for service in services):
        return Kind.STARTING
    if worst is None or weight <= Weight.INFO:
        return Kind.WELL
    return Kind.PAUSED if worst.outlook is Outlook.CHOSEN else Kind.DEGRADED
