"""What the services are for and how they are, in plain words."""

from __future__ import annotations

from backend.contract.names import Queue, Role
from backend.contract.settings import StackKind
from desktop.problems.problems import service_problems
from desktop.supervision.plan import API, BEAT
from desktop.supervision.services import ForeignWorker, Phase, Service, ServiceState, Supervision
from desktop.ui.formatting import duration, one_line, translate

NOTHING = "—"


def service_purpose(service: Service, stack: StackKind) -> str:
    if not service.has_process:
        return _stack_purpose(stack)
    by_queue = {Queue.SLOW.value: translate("services", "Updates the database from the sources")}
    by_queue[Queue.FAST.value] = translate("services", "Runs the small jobs: statistics, cleaning up, tests")
    by_name = {
        API: translate("services", "Answers these windows and other programs"),
        BEAT: translate("services", "Starts the jobs on schedule"),
    }
    return by_queue.get(service.queue) or by_name.get(service.name, "")


def foreign_purpose(worker: ForeignWorker) -> str:
    if worker.role is Role.BEAT:
        purpose = translate("services", "Somebody else started it on {0}; starts the jobs on schedule, each only once")
        return purpose.format(one_line(worker.host))
    queues = ", ".join(worker.queues) or NOTHING
    return translate("services", "A worker that somebody else started on {0}; takes jobs from: {1}").format(
        one_line(worker.host), one_line(queues)
    )


def answer(supervision: Supervision) -> str:
    """The page's first line."""
    services = supervision.services
    gave_up = sum(one.phase is Phase.GAVE_UP for one in services)
    ready, wanted = sum(one.ready for one in services), sum(one.wanted for one in services)
    if gave_up:
        return translate("services", "{0} of {1} services gave up").format(gave_up, len(services))
    if ready == len(services):
        troubled = bool(service_problems(supervision))
        return translate("services", "Everything runs, but not well") if troubled else _everything_runs()
    if not wanted and not ready:
        return translate("services", "Everything is stopped")
    words = translate("services", "{0} of {1} services run")
    if any(one.wanted and not one.ready for one in services):
        words = translate("services", "Starting: {0} of {1} services run so far")
    return words.format(ready, len(services))


def running_time(one: ServiceState, at: float) -> str:
    """at: seconds of the supervisor's steady clock."""
    return duration(at - one.since) if one.ready else NOTHING


def next_step(one: ServiceState, at: float) -> str:
    """What happens by itself, where something does; it may be said anew each second."""
    if one.phase is Phase.BACKOFF:
        return translate("services", "Starts again in {0}").format(duration(max(1.0, one.retry_at - at)))
    if one.phase is Phase.STOPPED and one.wanted:
        return translate("services", "Waits for what it needs")
    if one.phase is Phase.FOREIGN:
        return translate("services", "Another program started it: it is used, and left alone")
    return ""


def _everything_runs() -> str:
    return translate("services", "Everything runs")


def _stack_purpose(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate("services", "Keeps the data and the waiting jobs, in files of the data folder"),
        StackKind.DOCKER: translate("services", "Keeps the data and the waiting jobs: PostgreSQL and Redis in Docker"),
        StackKind.EXTERNAL: translate("services", "Keeps the data and the waiting jobs, on servers of your own"),
    }[stack]
