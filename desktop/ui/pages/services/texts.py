"""Texts on the purpose and the state of services."""

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
    by_queue[Queue.FAST.value] = translate("services", "Runs short jobs: matching, statistics, cleanup, tests")
    by_name = {
        API: translate("services", "Serves this window and other programs"),
        BEAT: translate("services", "Starts the scheduled jobs"),
    }
    return by_queue.get(service.queue) or by_name.get(service.name, "")


def foreign_purpose(worker: ForeignWorker) -> str:
    if worker.role is Role.BEAT:
        purpose = translate("services", "Started by another program on {0}. Starts the scheduled jobs, each only once")
        return purpose.format(one_line(worker.host))
    queues = ", ".join(worker.queues) or NOTHING
    return translate("services", "Worker started by another program on {0}. Queues: {1}").format(
        one_line(worker.host), one_line(queues)
    )


def summary(supervision: Supervision) -> str:
    """Return the summary of the page."""
    services = supervision.services
    failed = sum(service.failed for service in services)
    ready, wanted = sum(service.ready for service in services), sum(service.wanted for service in services)
    if failed:
        return translate("services", "{0} of {1} services failed").format(failed, len(services))
    if ready == len(services):
        has_problems = bool(service_problems(supervision))
        return (
            translate("services", "All services are running, some with problems")
            if has_problems
            else _everything_runs()
        )
    if not wanted and not ready:
        return translate("services", "All services are stopped")
    words = translate("services", "{0} of {1} services are running")
    if any(service.wanted and not service.ready for service in services):
        words = translate("services", "Starting: {0} of {1} services are running")
    return words.format(ready, len(services))


def running_time(service: ServiceState, at: float) -> str:
    """Return the time since the service is ready. at: seconds of the supervisor's monotonic clock."""
    return duration(at - service.since) if service.ready else NOTHING


def next_step(service: ServiceState, at: float) -> str:
    """Return what happens next automatically, if anything; may change each second."""
    if service.phase is Phase.BACKOFF:
        return translate("services", "Restarts in {0}").format(duration(max(1.0, service.retry_at - at)))
    if service.phase is Phase.STOPPED and service.wanted:
        return translate("services", "Waiting for other services")
    if service.phase is Phase.FOREIGN:
        return translate("services", "Started by another program; used, but never stopped")
    return ""


def _everything_runs() -> str:
    return translate("services", "All services are running")


def _stack_purpose(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate("services", "Stores the data and the job queue in files in the data folder"),
        StackKind.DOCKER: translate("services", "Stores the data and the job queue: PostgreSQL and Redis in Docker"),
        StackKind.EXTERNAL: translate("services", "Stores the data and the job queue on your own servers"),
    }[stack]
