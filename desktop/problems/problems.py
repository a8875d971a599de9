"""The one list of what is wrong. Pure: icon, banner, pages, notifications and activity log derive from it.

One cause is reported once. A root cause absorbs its consequences and names them: a database that is not available
explains a worker that ended, and a missing network explains every source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.contract.data_problems import data_problems, last_decided
from backend.contract.health import Dependency, DependencyState
from backend.contract.names import Queue, Role, RunState, shared_queue
from backend.contract.problem_catalogue import Outlook, Place, ProblemId, Remedy, Weight
from backend.contract.problems import UPDATE, Problem, problem
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState
from backend.contract.workers import WorkersState
from desktop.state.app_state import AppState
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import Phase, ServiceState, Supervision


def problems(state: AppState) -> tuple[Problem, ...]:
    """Return everything that is wrong, the heaviest first, each cause once."""
    found = list(service_problems(state.supervision))
    if state.stale_reason is not None:
        found += _of_the_api(state.stale_reason, state.supervision, found)
    elif state.snapshot is not None:
        found += _of_the_stack(state.snapshot)
        found += _of_the_workers(state.snapshot, found)
    if state.settings_problem is not None:
        found.append(state.settings_problem)
    if state.snapshot is not None:
        found += _of_the_data(state, state.snapshot)
    return tuple(sorted(_once(found), key=lambda item: item.weight, reverse=True))


def service_problems(supervision: Supervision) -> tuple[Problem, ...]:
    """Return what is wrong with the services, in the order in which they start; a cause names its consequences."""
    services = supervision.services
    if all(service.phase is Phase.STOPPED and not service.wanted for service in services):
        return (problem(ProblemId.SERVICES_STOPPED),)
    found: list[Problem] = []
    for state in services:
        for own in _of_service(state, supervision):
            cause = next((other for other in found if _explains(other, own, state)), None)
            if cause is None:
                found.append(own)
            elif state.name != STACK:
                found[found.index(cause)] = replace(cause, affects=(*cause.affects, state.service.title))
    return tuple(_together(found))


def at(place: Place, found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that belong to a page."""
    return tuple(item for item in found if item.place is place)


def is_over(gone: Problem, state: AppState) -> bool:
    """Whether a problem that has left the list is over. If False, it is only unknown at present."""
    if gone.service and gone.service not in (STACK, Role.WORKER):
        return state.supervision[gone.service].ready
    if not gone.task and not gone.sources:
        return state.supervision[STACK].ready and not state.api_unavailable
    snapshot = known_data(state)
    if snapshot is None or state.update is not None:
        return False
    if gone.task:
        return last_decided(gone.task, snapshot.runs, snapshot.schedule) is RunState.SUCCESS
    good = {source.name.value for source in snapshot.sources if not source.enabled or source.state is SourceState.OK}
    return good.issuperset(gone.sources)


def known_data(state: AppState) -> Snapshot | None:
    """Return the snapshot if it is current and holds what the database knows."""
    snapshot = state.snapshot
    return snapshot if snapshot is not None and state.stale_reason is None and snapshot.workers is not None else None


def _of_service(state: ServiceState, supervision: Supervision) -> Iterator[Problem]:
    if (found := state.reported_problem) is not None:
        yield replace(found, service=found.service or state.name, occurrences=_occurrences(state))
    elif state.phase is Phase.STOPPED and not state.wanted and supervision.close_deadline is None:
        yield from _stopped(state, supervision)


def _occurrences(state: ServiceState) -> tuple[str, ...]:
    """Each time that a service gives up or begins to keep failing is one occurrence."""
    if state.phase is Phase.GAVE_UP:
        return (f"{state.since:.0f}",)
    return (f"{state.recurrence.since:.0f}",) if state.recurrence else ()


def _stopped(state: ServiceState, supervision: Supervision) -> Iterator[Problem]:
    """A person stopped the service. No problem if another program does its work."""
    foreign, queue = supervision.foreign, state.service.queue
    if queue and not any(queue in worker.queues for worker in foreign):
        yield _chosen(ProblemId.QUEUE_UNSERVED, state.name, queue=queue)
    if state.name == BEAT and not any(worker.role is Role.BEAT for worker in foreign):
        yield _chosen(ProblemId.SCHEDULE_UNATTENDED, state.name)
    if state.name == API:
        yield _chosen(ProblemId.API_DOWN, state.name)


def _chosen(problem_id: ProblemId, service: str, **words: str) -> Problem:
    found = problem(problem_id, {"hint": "", **words}, weight=Weight.ATTENTION, remedies=(Remedy.START_SERVICES,))
    return replace(found, outlook=Outlook.CHOSEN, service=service)


def _together(found: list[Problem]) -> Iterator[Problem]:
    """If no queue is served, no worker is running: one problem instead of one for each queue."""
    unserved = [item for item in found if item.id is ProblemId.QUEUE_UNSERVED]
    for item in found:
        if item.id is not ProblemId.QUEUE_UNSERVED or len(unserved) < len(Queue):
            yield item
        elif item is unserved[0]:
            yield _chosen(ProblemId.WORKERS_MISSING, Role.WORKER)


def _explains(cause: Problem, own: Problem, state: ServiceState) -> bool:
    """Whether the problem of a service that it depends on is the cause of its own.

    The stack explains everything, another service only what is not heavier.
    """
    if cause.causes == own.causes:
        return True
    return cause.service in state.service.depends_on and (cause.service == STACK or cause.weight >= own.weight)


def _of_the_api(reason: Problem, supervision: Supervision, found: list[Problem]) -> Iterator[Problem]:
    """An API that is being started or stopped is no problem; without its stack, the stack is the problem."""
    if supervision[API].ready and not any(item.service == STACK for item in found):
        yield replace(reason, service=API)


def _of_the_stack(snapshot: Snapshot) -> Iterator[Problem]:
    """Database and broker as the API reports them."""
    for dependency, unknown in (
        (snapshot.health.database, ProblemId.DATABASE_AWAY),
        (snapshot.health.broker, ProblemId.BROKER_AWAY),
    ):
        if dependency.state is DependencyState.DOWN:
            yield replace(_of_dependency(dependency, unknown), service=STACK)


def _of_dependency(dependency: Dependency, unknown: ProblemId) -> Problem:
    if dependency.error is not None:
        return dependency.error.problem
    return problem(unknown, {"reason": dependency.message})


def _of_the_workers(snapshot: Snapshot, found: list[Problem]) -> Iterator[Problem]:
    """Work that makes no progress, unless the problem of a service explains it."""
    workers = snapshot.workers
    if workers is None or workers.status is not WorkersState.STALLED or any(item.service for item in found):
        return
    idle = {queue for worker in workers.workers if worker.current_task is None for queue in worker.queues}
    waiting = next((task for task in workers.waiting if task.queue in idle), None)
    if waiting is not None:
        words = {"reason": workers.message}
        yield problem(ProblemId.TASK_UNTAKEN, words, service=f"{Role.WORKER}-{shared_queue(waiting.queue)}")
        return
    run = next((worker.current_task.task_id for worker in workers.workers if worker.current_task), "")
    yield problem(ProblemId.TASK_STUCK, {"reason": workers.message, "run": run}, remedies=(Remedy.OPEN_LOG,))


def _of_the_data(state: AppState, snapshot: Snapshot) -> Iterator[Problem]:
    found = data_problems(
        snapshot.sources,
        snapshot.runs,
        snapshot.schedule,
        snapshot.pause,
        attended=state.has_scheduler,
        webhooks=snapshot.webhooks,
    )
    empty = snapshot.workers is not None and not (snapshot.stats and snapshot.stats.total_vulnerabilities)
    if empty and state.update is None and not any(item.task == UPDATE for item in found):
        yield problem(ProblemId.DATABASE_EMPTY, {"hint": ""})
    yield from (item for item in found if not (empty and item.id is ProblemId.SOURCE_NEVER))


def _once(found: Iterable[Problem]) -> list[Problem]:
    """Return the first problem of each cause: those that are nearer to it come first."""
    first, known = list[Problem](), set[str]()
    for item in found:
        if known.isdisjoint(item.causes):
            first.append(item)
            known.update(item.causes)
    return first
