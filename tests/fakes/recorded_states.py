"""States of the program as data: what the supervisor and the API report at such a moment, and what is wrong then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from backend.contract.errors import ErrorFields
from backend.contract.health import Dependency, DependencyState, Health
from backend.contract.names import HOPELESS, UNREACHABLE, RunState, Source, TaskName, Trigger
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem
from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.settings import StackKind
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState, SourceStatus
from backend.contract.stats import Stats
from backend.contract.tasks import Progress, TaskRun
from backend.contract.workers import WorkersState, WorkersStatus, WorkerStats, WorkerStatus, WorkerTask
from desktop.problems.overall_status import Kind
from desktop.stack.docker.states import DockerState, problem_of
from desktop.state.app_state import AppState, SnapshotMissed, reduce_state
from desktop.supervision.events import (
    MachineWoke,
    PortFoundFree,
    ServiceReady,
    ServiceUnready,
    StartRequested,
)
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import Phase, ServiceState, Supervision
from tests.unit.supervision.replay import FAST, SLOW, Replay, started

NOW = datetime.now(UTC)
_FINE = Dependency(state=DependencyState.OK, message="")
STATS = Stats(
    total_vulnerabilities=1000,
    exploited_vulnerabilities=10,
    critical_vulnerabilities=20,
    high_vulnerabilities=30,
    by_severity={},
    by_source={},
    recent_updates=40,
    new_30d=50,
    top_vendors=(),
    last_update=NOW,
    computed_at=NOW,
)
UNREACHABLE_SOURCE = "{0} cannot be reached"


@dataclass(frozen=True)
class Recorded:
    """id: of the heaviest problem; None: nothing is wrong. above: it stands above every page."""

    name: str
    state: AppState
    id: ProblemId | None
    kind: Kind
    count: int = 1
    above: bool = True


def snapshot(**changes: object) -> Snapshot:
    """As the API answers when nothing is wrong."""
    health = Health(
        status=DependencyState.OK,
        version="1",
        pid=1,
        home="",
        started_at=NOW,
        database=_FINE,
        broker=_FINE,
        workers=_FINE,
        beat=_FINE,
    )
    well = Snapshot(
        health=health,
        stats=STATS,
        sources=sources(),
        workers=workers(WorkersState.HEALTHY),
        schedule=(entry(TaskName.UPDATE), entry(TaskName.CLEAN_CACHE)),
        runs=(run(RunState.SUCCESS),),
    )
    return well.model_copy(update=changes)


def sources(
    state: SourceState = SourceState.OK, error: ErrorFields | None = None, *bad: Source
) -> tuple[SourceStatus, ...]:
    """bad: the sources that are so; all of them where none is named."""
    return tuple(
        SourceStatus(
            name=source,
            enabled=True,
            records=1,
            state=state if not bad or source in bad else SourceState.OK,
            last_error=_named(error, source) if not bad or source in bad else None,
            last_attempt_at=NOW,
        )
        for source in Source
    )


def _named(error: ErrorFields | None, source: Source) -> ErrorFields | None:
    return error and error.model_copy(update={"title": error.title.format(source.upper())})


def unreachable() -> ErrorFields:
    return ErrorFields(
        title=UNREACHABLE_SOURCE, message="127.0.0.1 refused the connection.", id=ProblemId.SOURCE_UNREACHABLE
    )


def workers(status: WorkersState, message: str = "", task: WorkerTask | None = None) -> WorkersStatus:
    stats = WorkerStats(host="here", pid=1, version="1", started_at=NOW, tasks_done=0, tasks_failed=0)
    worker = WorkerStatus(
        name="slow@here",
        active_tasks=int(task is not None),
        registered_tasks=6,
        stats=stats,
        queues=("slow",),
        current_task=task,
        heartbeat_age_s=1,
    )
    return WorkersStatus(status=status, message=message, workers=(worker,), total_workers=1)


def entry(task: TaskName, *, enabled: bool = True) -> ScheduledTask:
    return ScheduledTask(
        name=task,
        task=task,
        schedule="0 * * * *",
        description="",
        enabled=enabled,
        next_run_at=NOW + timedelta(hours=1),
    )


def run(status: RunState, error: ErrorFields | None = None) -> TaskRun:
    active = status is RunState.STARTED
    return TaskRun(
        task_id="run-1",
        name=TaskName.UPDATE,
        status=status,
        error=error,
        progress=Progress(phase="reading", done=1, total=4),
        queued_at=NOW,
        finished_at=None if active else NOW,
        trigger=Trigger.SCHEDULE,
    )


def state(supervision: Supervision | None = None, stack: StackKind = StackKind.EMBEDDED, **fields: object) -> AppState:
    services = supervision or started().state
    return AppState(services, stack, snapshot=snapshot(**fields), snapshot_at=NOW)


def without_answers(supervision: Supervision, stack: StackKind = StackKind.EMBEDDED) -> AppState:
    """Before the API has ever answered."""
    return AppState(supervision, stack)


def service(name: str, **facts: object) -> Supervision:
    supervision = started().state
    return supervision.put(replace(supervision[name], **facts))


def keeps_failing(name: str) -> Supervision:
    replay = started()
    for _ in range(5):
        replay.exits(name, 1, "no such table: schedule")
        if not replay[name].failed:
            replay.wait(60)
    return replay.state


def ended_for(problem_id: ProblemId, code: int) -> Supervision:
    """The API could not use the database, as its last line of output reports."""
    replay = Replay()
    replay.then(StartRequested())
    replay.then(ServiceReady(STACK))
    replay.then(PortFoundFree(API))
    replay.exits(API, code, f"The database cannot be used: see above. [{problem_id}]")
    return replay.state


def without_docker(found: Problem) -> AppState:
    replay = Replay()
    replay.then(StartRequested())
    replay.then(ServiceUnready(STACK, found))
    return without_answers(replay.state, StackKind.DOCKER)


def database_away() -> AppState:
    """The API reports it, and a worker that needs the database has ended for it."""
    replay = started()
    away = problem(ProblemId.DATABASE_AWAY, {"reason": "The server closed the connection."}, service=STACK)
    replay.then(ServiceUnready(API, away))
    replay.exits(SLOW, UNREACHABLE, "The database cannot be reached: db.example: refused. [database-away]")
    replay.exits(FAST, 1, "psycopg2.OperationalError")
    error = ErrorFields(title="The database cannot be reached", message="It refused.", id=ProblemId.DATABASE_AWAY)
    down = Dependency(state=DependencyState.DOWN, message=str(error), error=error)
    health = snapshot().health.model_copy(update={"database": down})
    return replace(without_answers(replay.state), snapshot=Snapshot(health=health), snapshot_at=NOW)


def woken() -> Supervision:
    replay = started()
    replay.then(MachineWoke(0.0))
    return replay.state


def foreign_api() -> Supervision:
    replay = started()
    api = replay[API]
    return replay.state.put(replace(api, phase=Phase.FOREIGN, pid=None))


def api_port_taken() -> Supervision:
    supervision = started().state
    taken = problem(ProblemId.API_PORT_TAKEN, {"port": "8001", "holder": "python3 (process 12)"})
    return supervision.put(replace(supervision[API], phase=Phase.GAVE_UP, blocked=True, problem=taken))


def stopped() -> Supervision:
    return Supervision(tuple(ServiceState(service.service) for service in started().state.services))


def unhealthy() -> Dependency:
    error = ErrorFields(title="Redis cannot be reached", message="Connection refused.", id=ProblemId.BROKER_AWAY)
    return Dependency(state=DependencyState.DOWN, message=str(error), error=error)


def recorded() -> tuple[Recorded, ...]:
    silent = problem(ProblemId.API_SILENT, {"reason": "No answer within 2 s."})
    damaged = problem(ProblemId.SETTINGS_DAMAGED, {"reason": "Invalid value.", "folder": "/data"})
    nothing = ErrorFields(title="No source could be read", message="They all refused.", hint="Look at the run.")
    network = nothing.model_copy(update={"message": "127.0.0.1 refused the connection.", "id": ProblemId.NETWORK_AWAY})
    full = ErrorFields(title="The disk is full", message="Nothing more can be written.", id=ProblemId.DISK_FULL)
    stuck = WorkerTask(task_id="run-1", name=TaskName.UPDATE, started_at=NOW)
    broker = snapshot().health.model_copy(update={"broker": unhealthy()})
    refused = ErrorFields(title="EPSS refused the request", message="It answered 404.")
    unknown = ErrorFields(title="{0} refused the request", message="It answered 400.")
    return (
        Recorded("all is well", state(), None, Kind.WELL, 0),
        Recorded(
            "first start, empty",
            state(stats=None, sources=sources(SourceState.NEVER), runs=()),
            ProblemId.DATABASE_EMPTY,
            Kind.WELL,
            above=False,
        ),
        Recorded("updating", state(runs=(run(RunState.STARTED),)), None, Kind.UPDATING, 0),
        Recorded(
            "updating after a failure",
            state(runs=(run(RunState.STARTED), run(RunState.FAILURE, nothing)), sources=sources(SourceState.FAILING)),
            None,
            Kind.UPDATING,
            0,
        ),
        Recorded(
            "schedule paused, and the data grow old",
            state(pause=SchedulePause(paused=True, until=NOW), sources=sources(SourceState.STALE)),
            ProblemId.SCHEDULE_PAUSED,
            Kind.PAUSED,
        ),
        Recorded(
            "update entry off",
            state(schedule=(entry(TaskName.UPDATE, enabled=False), entry(TaskName.CLEAN_CACHE))),
            ProblemId.UPDATES_OFF,
            Kind.PAUSED,
        ),
        Recorded(
            "last update failed",
            state(runs=(run(RunState.FAILURE, nothing),), sources=sources(SourceState.FAILING, unknown)),
            ProblemId.UPDATE_FAILED,
            Kind.FAILED,
        ),
        Recorded(
            "one source failing",
            state(sources=sources(SourceState.FAILING, refused, Source.EPSS)),
            ProblemId.SOURCE_FAILED,
            Kind.DEGRADED,
        ),
        Recorded(
            "two sources out of reach",
            state(sources=sources(SourceState.DEGRADED, unreachable(), Source.NVD, Source.EPSS)),
            ProblemId.SOURCE_UNREACHABLE,
            Kind.DEGRADED,
        ),
        Recorded(
            "no network",
            state(runs=(run(RunState.FAILURE, network),), sources=sources(SourceState.FAILING, unreachable())),
            ProblemId.NETWORK_AWAY,
            Kind.FAILED,
        ),
        Recorded("data out of date", state(sources=sources(SourceState.STALE)), ProblemId.SOURCE_STALE, Kind.DEGRADED),
        Recorded(
            "API stopped by hand",
            reduce_state(
                state(service(API, phase=Phase.STOPPED, wanted=False, pid=None)),
                SnapshotMissed(problem(ProblemId.API_DOWN)),
            ),
            ProblemId.API_DOWN,
            Kind.PAUSED,
        ),
        Recorded("API silent", reduce_state(state(), SnapshotMissed(silent)), ProblemId.API_SILENT, Kind.DEGRADED),
        Recorded("API port taken", without_answers(api_port_taken()), ProblemId.API_PORT_TAKEN, Kind.FAILED),
        Recorded("worker gave up", state(keeps_failing(SLOW)), ProblemId.SERVICE_FAILING, Kind.FAILED),
        Recorded("beat gave up", state(keeps_failing(BEAT)), ProblemId.SERVICE_FAILING, Kind.FAILED),
        Recorded(
            "beat stopped by hand",
            state(service(BEAT, phase=Phase.STOPPED, wanted=False, pid=None)),
            ProblemId.SCHEDULE_UNATTENDED,
            Kind.PAUSED,
        ),
        Recorded("database away", database_away(), ProblemId.DATABASE_AWAY, Kind.DEGRADED),
        Recorded("broker away", state(health=broker), ProblemId.BROKER_AWAY, Kind.DEGRADED),
        Recorded(
            "Docker not installed",
            without_docker(problem_of(DockerState.NOT_INSTALLED)),
            ProblemId.DOCKER_NOT_INSTALLED,
            Kind.FAILED,
        ),
        Recorded(
            "Docker's engine off",
            without_docker(problem_of(DockerState.NOT_RUNNING, desktop_installed=True)),
            ProblemId.DOCKER_NOT_RUNNING,
            Kind.DEGRADED,
        ),
        Recorded(
            "a container unhealthy",
            without_docker(problem_of(DockerState.UNHEALTHY, "postgres is unhealthy.")),
            ProblemId.DOCKER_UNHEALTHY,
            Kind.DEGRADED,
        ),
        Recorded(
            "images on their way",
            without_docker(problem_of(DockerState.FETCHING, "3 of 12 parts are here.")),
            ProblemId.DOCKER_FETCHING,
            Kind.STARTING,
        ),
        Recorded(
            "settings damaged", replace(state(), settings_problem=damaged), ProblemId.SETTINGS_DAMAGED, Kind.DEGRADED
        ),
        Recorded(
            "disk full",
            state(runs=(run(RunState.FAILURE, full),), sources=sources(SourceState.FAILING, full)),
            ProblemId.DISK_FULL,
            Kind.FAILED,
        ),
        Recorded(
            "database damaged",
            without_answers(ended_for(ProblemId.DATABASE_DAMAGED, HOPELESS)),
            ProblemId.DATABASE_DAMAGED,
            Kind.FAILED,
        ),
        Recorded(
            "newer database",
            without_answers(ended_for(ProblemId.DATABASE_NEWER, HOPELESS)),
            ProblemId.DATABASE_NEWER,
            Kind.FAILED,
        ),
        Recorded(
            "a task stands still",
            state(workers=workers(WorkersState.STALLED, "slow@here has not moved for 10 minutes.", stuck)),
            ProblemId.TASK_STUCK,
            Kind.DEGRADED,
        ),
        Recorded("services started by another program", state(foreign_api()), None, Kind.WELL, 0),
        Recorded("the machine slept", state(woken()), None, Kind.WELL, 0),
        Recorded("everything stopped", without_answers(stopped()), ProblemId.SERVICES_STOPPED, Kind.STOPPED),
    )
