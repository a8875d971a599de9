"""What the page asks the API for, and when it has to ask again."""

from __future__ import annotations

from collections.abc import Sequence

from backend.client.api import ApiClient
from backend.contract.exposure import Machine
from backend.contract.machine_exposure import MachineExposure
from backend.contract.names import TaskName
from backend.contract.wire import Wire
from desktop.state.app_state import AppState
from desktop.state.last_answers import LastAnswer, LastAnswers

_KEPT = "this-pc"


class MachineView(Wire):
    """The stored machines, this PC first, and one of them with its programs; None where none is stored."""

    machines: tuple[Machine, ...]
    exposure: MachineExposure | None


def read_view(client: ApiClient, wanted: str, own: str, keep_in: LastAnswers | None) -> MachineView:
    """Read the machines and one of them.

    Args:
        client: Of the calling thread.
        wanted: The id of the machine to show; where it is not stored, this PC or the first one takes its place.
        own: The id of this PC; "" while it is not known.
        keep_in: Keeps what the next start of the program shows first, the view of this PC or else of the first one.
    """
    database = keep_in.database() if keep_in else ""
    machines = tuple(sorted(client.machines().items, key=lambda machine: machine.id != own))
    chosen = _chosen(machines, wanted)
    view = MachineView(machines=machines, exposure=client.machine_exposure(chosen.id) if chosen else None)
    if keep_in and chosen is not None and chosen is machines[0]:
        keep_in.write(_KEPT, database, view)
    return view


def last_view(answers: LastAnswers) -> LastAnswer[MachineView] | None:
    """Return the view that was kept last; it may be of another run of the program."""
    return answers.read(_KEPT, MachineView)


def _chosen(machines: Sequence[Machine], wanted: str) -> Machine | None:
    return next((machine for machine in machines if machine.id == wanted), machines[0] if machines else None)


def changes(state: AppState) -> tuple[object, ...]:
    """What differs once the answer may be another one: a scan, a step of a matching run, an update."""
    snapshot = state.snapshot
    runs = snapshot.runs if snapshot else ()
    matching = tuple((run.task_id, run.status) for run in runs if run.name == TaskName.MATCH)
    updated = snapshot.stats.last_update if snapshot and snapshot.stats else None
    return state.stack, state.scan.scanned_at, state.scan.machine, matching, updated, state.api_unavailable
