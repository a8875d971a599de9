"""States of a program that runs, has just been started, or has problems; and of Docker."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from backend.contract.health import Dependency, DependencyState
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.workers import WorkersState, WorkersStatus, WorkerStats, WorkerStatus
from desktop.stack.docker.detection import DockerDetection
from desktop.stack.docker.states import DockerState, problem_of
from desktop.state.app_state import AppState, Usage
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, ServiceState, Supervision
from tests.ui.installed import scan_status

FOUND_AT_FIRST = (DockerState.READY, DockerState.NOT_RUNNING, DockerState.NOT_INSTALLED)
_FINE = Dependency(state=DependencyState.OK, message="")
_USAGE = {"api": Usage(0.4, 71_000_000), "worker-slow": Usage(12.5, 124_000_000), "beat": Usage(0.0, 58_000_000)}


def found(state: DockerState) -> DockerDetection:
    """Return what a machine with Docker Desktop detects; or one without Docker, for that state."""
    if state is DockerState.READY:
        return DockerDetection(state, version="29.1.3")
    return DockerDetection(state, problem_of(state, desktop_installed=state is not DockerState.NOT_INSTALLED))


def running_state(snapshot: Snapshot) -> AppState:
    """Everything has been running for two hours; the snapshot is the API's, the workers are made up."""
    now = datetime.now(UTC)
    return AppState(
        running(),
        StackKind.EMBEDDED,
        snapshot=with_workers(snapshot),
        snapshot_at=now,
        usage=_USAGE,
        scan=scan_status(now),
    )


def empty_view() -> AppState:
    """The program has just been started: nothing is known yet."""
    services = [replace(ServiceState(service), wanted=True) for service in plan()]
    services[0] = replace(services[0], phase=Phase.RUNNING)
    services[1] = replace(services[1], phase=Phase.STARTING, pid=4001)
    return AppState(Supervision(tuple(services)), StackKind.EMBEDDED)


def running() -> Supervision:
    began = time.monotonic() - 7260
    return Supervision(
        tuple(
            ServiceState(
                service, Phase.RUNNING, wanted=True, pid=4000 + number if service.has_process else None, since=began
            )
            for number, service in enumerate(plan())
        )
    )


def with_workers(snapshot: Snapshot) -> Snapshot:
    health = snapshot.health.model_copy(update={"status": DependencyState.OK, "workers": _FINE, "beat": _FINE})
    workers = WorkersStatus(
        status=WorkersState.HEALTHY,
        message="Both workers wait for something to do.",
        workers=tuple(_worker(queue, pid) for queue, pid in (("slow", 4002), ("fast", 4003))),
        total_workers=2,
    )
    return snapshot.model_copy(update={"health": health, "workers": workers})


def _worker(queue: str, pid: int) -> WorkerStatus:
    began = datetime.now(UTC)
    return WorkerStatus(
        name=f"{queue}@context:{pid}",
        active_tasks=0,
        registered_tasks=6,
        stats=WorkerStats(host="context", pid=pid, version="", started_at=began, tasks_done=7, tasks_failed=0),
        queues=(queue,),
        heartbeat_age_s=1.0,
    )
