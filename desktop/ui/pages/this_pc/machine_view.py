"""What the page asks the API for, and when it has to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.client.api import ApiClient
from backend.contract.exposure import Machine
from backend.contract.machine_exposure import MachineExposure
from backend.contract.names import TaskName
from desktop.state.app_state import AppState


@dataclass(frozen=True)
class MachineView:
    """The stored machines, this PC first, and one of them with its programs; None where none is stored."""

    machines: tuple[Machine, ...]
    exposure: MachineExposure | None


def read_view(client: ApiClient, wanted: str, own: str) -> MachineView:
    """Read the machines and one of them.

    Args:
        client: Of the calling thread.
        wanted: The id of the machine to show; where it is not stored, this PC or the first one takes its place.
        own: The id of this PC; "" while it is not known.
    """
    machines = tuple(sorted(client.machines().items, key=lambda machine: machine.id != own))
    chosen = _chosen(machines, wanted)
    return MachineView(machines, client.machine_exposure(chosen.id) if chosen else None)


def _chosen(machines: Sequence[Machine], wanted: str) -> Machine | None:
    return next((machine for machine in machines if machine.id == wanted), machines[0] if machines else None)


def changes(state: AppState) -> tuple[object, ...]:
    """What differs once the answer may be another one: a scan, a step of a matching run, an update."""
    snapshot = state.snapshot
    runs = snapshot.runs if snapshot else ()
    matching = tuple((run.task_id, run.status) for run in runs if run.name == TaskName.MATCH)
    updated = snapshot.stats.last_update if snapshot and snapshot.stats else None
    return state.stack, state.scan.scanned_at, state.scan.machine, matching, updated, state.api_unavailable
