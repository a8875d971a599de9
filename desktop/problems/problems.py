"""The one list of what is wrong. Pure: icon, banner, pages, notifications and activity log derive from it.

One cause is said once. A root cause absorbs its consequences and names them: a database that is away explains a worker
that ended, and a network that is away explains every source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.contract.data_problems import data_problems, last_decided
from backend.contract.health import Dependency, DependencyState
from backend.contract.names import Queue, Role, RunState
from backend.contract.problems import UPDATE, Outlook, Place, Problem, ProblemId, Remedy, Weight, problem
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState
from backend.contract.workers import WorkersState
from desktop.state.app_state import AppState
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import Phase, ServiceState, Supervision


def problems(state: AppState) -> tuple[Problem, ...]:
    """All that is wrong, the heaviest first; each cause once."""
    found = list(service_problems(state.supervision))
    if state.old is not None:
        found += _of_the_api(state.old, state.supervision, found)
    elif state.snapshot is not None:
        found += _of_the_stack(state.snapshot)
        found += _of_the_workers(state.snapshot, found)
    if state.settings_problem is not None:
        found.append(state.settings_problem)
    if state.snapshot is not None:
        found += _of_the_data(state, state.snapshot)
    return tuple(sorted(_once(found), key=lambda one: one.weight, reverse=True))


def service_problems(supervision: Supervision) -> tuple[Problem, ...]:
    """What is wrong with the services, in the order in which they start; consequences are named by their cause."""
    services = supervision.services
    if all(one.phase is Phase.STOPPED and not one.wanted for one in services):
        return (problem(ProblemId.SERVICES_STOPPED),)
    found: list[Problem] = []
    for one in services:
        for own in _of_service(one, supervision):
            cause = next((other for other in found if _explains(other, own, one)), None)
            if cause is None:
                found.append(own)
            elif one.name != STACK:
                found[found.index(cause)] = replace(cause, affects=(*cause.affects, one.service.title))
    return tuple(_together(found))


def at(place: Place, found: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems that a page tells of."""
    return tuple(one for one in found if one.place is place)


def is_over(gone: Problem, state: AppState) -> bool:
    """Whether a problem that is not in the list any more is known to be over, rather than not known at present."""
    if gone.service and gone.service not in (STACK, Role.WORKER):
        return state.supervision[gone.service].ready
    if not gone.task and not gone.sources:
        return state.supervision[STACK].ready and not state.silent
    snapshot = known_data(state)
    if snapshot is None or state.update is not None:
        return False
    if gone.task:
        return last_decided(gone.task, snapshot.runs, snapshot.schedule) is RunState.SUCCESS
    good = {source.name.value for source in snapshot.sources if not source.enabled or source.state is SourceState.OK}
    return good.issuperset(gone.sources)


def known_data(state: AppState) -> Snapshot | None:
    """The snapshot, as long as it is the latest and holds what the database knows."""
    snapshot = state.snapshot
    return snapshot if snapshot is not None and state.old is None and snapshot.workers is not None else None


def _of_service(one: ServiceState, supervision: Supervision) -> Iterator[Problem]:
    if one.problem is not None:
        given_up = (f"{one.since:.0f}",) if one.phase is Phase.GAVE_UP else ()  # each time is one occurrence
        yield replace(one.problem, service=one.problem.service or one.name, occurrences=given_up)
    elif one.phase is Phase.STOPPED and not one.wanted and supervision.closing_by is None:
        yield from _stopped(one, supervision)


def _stopped(one: ServiceState, supervision: Supervision) -> Iterator[Problem]:
    """A person stopped it, unless another program does its work."""
    foreign = supervision.foreign
    if one.service.queue and not any(one.service.queue in other.queues for other in foreign):
        yield _chosen(ProblemId.QUEUE_UNSERVED, one.name, queue=one.service.queue)
    if one.name == BEAT and not any(other.role is Role.BEAT for other in foreign):
        yield _chosen(ProblemId.SCHEDULE_UNATTENDED, one.name)
    if one.name == API:
        yield _chosen(ProblemId.API_DOWN, one.name)


def _chosen(problem_id: ProblemId, service: str, **words: str) -> Problem:
    found = problem(problem_id, {"hint": "", **words}, weight=Weight.ATTENTION, remedies=(Remedy.START_SERVICES,))
    return replace(found, outlook=Outlook.CHOSEN, service=service)


def _together(found: list[Problem]) -> Iterator[Problem]:
    """No queue is served: no worker is running."""
    unserved = [one for one in found if one.id is ProblemId.QUEUE_UNSERVED]
    for one in found:
        if one.id is not ProblemId.QUEUE_UNSERVED or len(unserved) < len(Queue):
            yield one
        elif one is unserved[0]:
            yield _chosen(ProblemId.WORKERS_MISSING, Role.WORKER)


def _explains(cause: Problem, own: Problem, one: ServiceState) -> bool:
    """The service needs the one that has the cause. A stack explains everything, another only what is not heavier."""
    if cause.causes == own.causes:
        return True
    return cause.service in one.service.needs and (cause.service == STACK or cause.weight >= own.weight)


def _of_the_api(silence: Problem, supervision: Supervision, found: list[Problem]) -> Iterator[Problem]:
    """An API that is being started or stopped is no problem; one whose stack is away is that stack's."""
    if supervision[API].ready and not any(one.service == STACK for one in found):
        yield replace(silence, service=API)


def _of_the_stack(snapshot: Snapshot) -> Iterator[Problem]:
    """As the API says it, whoever started the API."""
    for told, unknown in (
        (snapshot.health.database, ProblemId.DATABASE_AWAY),
        (snapshot.health.broker, ProblemId.BROKER_AWAY),
    ):
        if told.state is DependencyState.DOWN:
            yield replace(_told(told, unknown), service=STACK)


def _told(dependency: Dependency, unknown: ProblemId) -> Problem:
    if dependency.error is not None:
        return dependency.error.problem
    return problem(unknown, {"reason": dependency.message})


def _of_the_workers(snapshot: Snapshot, found: list[Problem]) -> Iterator[Problem]:
    """Work that does not go on, where nothing else says so already."""
    workers = snapshot.workers
    if workers is None or workers.status is not WorkersState.STALLED or any(one.service for one in found):
        return
    idle = {queue for worker in workers.workers if worker.current_task is None for queue in worker.queues}
    waiting = next((task for task in workers.waiting if task.queue in idle), None)
    if waiting is not None:
        words = {"reason": workers.message}
        yield problem(ProblemId.TASK_UNTAKEN, words, service=f"{Role.WORKER}-{waiting.queue}")
        return
    run = next((worker.current_task.task_id for worker in workers.workers if worker.current_task), "")
    yield problem(ProblemId.TASK_STUCK, {"reason": workers.message, "run": run}, remedies=(Remedy.OPEN_LOG,))


def _of_the_data(state: AppState, snapshot: Snapshot) -> Iterator[Problem]:
    found = data_problems(
        snapshot.sources, snapshot.runs, snapshot.schedule, snapshot.pause, attended=state.keeps_schedule
    )
    empty = snapshot.workers is not None and not (snapshot.stats and snapshot.stats.total_vulnerabilities)
    if empty and state.update is None and not any(one.task == UPDATE for one in found):
        yield problem(ProblemId.DATABASE_EMPTY, {"hint": ""})
    yield from (one for one in found if not (empty and one.id is ProblemId.SOURCE_NEVER))


def _once(found: Iterable[Problem]) -> list[Problem]:
    """The first of each cause: those that are nearer to it come first."""
    first, known = list[Problem](), set[str]()
    for one in found:
        if known.isdisjoint(one.causes):
            first.append(one)
            known.update(one.causes)
    return first
