"""How everything stands, in one word: what the tray shows by shape and colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.contract.problems import Problem
from backend.contract.tasks import share_of
from desktop.problems.problems import _last_update_failed, _of_sources
from desktop.state.app_state import AppState
from desktop.supervision.services import Phase


class Kind(StrEnum):
    WELL = "well"
    UPDATING = "updating"
    DEGRADED = "degraded"  # it works, but a source or a part does not
    FAILED = "failed"  # it does not do its work
    STARTING = "starting"
    STOPPED = "stopped"


@dataclass(frozen=True)
class OverallStatus:
    """trouble: what to say of it, where there is something. share: of the running update, 0-1; None: nobody knows."""

    kind: Kind
    problem: Problem | None = None
    share: float | None = None


def overall_status(state: AppState) -> OverallStatus:
    services = state.supervision.services
    if all(one.phase is Phase.STOPPED and not one.wanted for one in services):
        return OverallStatus(Kind.STOPPED)
    gave_up = next((one for one in services if one.phase is Phase.GAVE_UP), None)
    if gave_up is not None:
        return OverallStatus(Kind.FAILED, gave_up.problem or Problem(f"{gave_up.service.title} gave up"))
    troubled = next((one.problem for one in services if one.problem is not None), None)
    if state.update is not None and state.old is None:
        return OverallStatus(Kind.UPDATING, troubled, share_of(state.update.progress))
    if state.snapshot is None or not all(one.ready or not one.wanted for one in services):
        return OverallStatus(Kind.DEGRADED if troubled else Kind.STARTING, troubled)
    if failed := _last_update_failed(state):
        return OverallStatus(Kind.FAILED, failed)
    problem = troubled or state.old or _of_sources(state)
    return OverallStatus(Kind.DEGRADED, problem) if problem else OverallStatus(Kind.WELL)
