"""The services of one installation in the order of their start, and which of them a change of settings affects."""

from __future__ import annotations

from backend.contract.names import Queue, Role
from backend.contract.settings import UserSettings
from desktop.supervision.services import ReadinessCheck, Service

STACK, API, BEAT = "stack", "api", "beat"


def plan() -> tuple[Service, ...]:
    return (
        Service(STACK, ReadinessCheck.STACK),
        # The API migrates the database, so the others wait for it.
        Service(API, ReadinessCheck.HTTP, (Role.API,), depends_on=(STACK,)),
        _worker(Queue.SLOW),
        _worker(Queue.FAST),
        Service(BEAT, ReadinessCheck.UPTIME, (Role.BEAT,), depends_on=(STACK, API)),
    )


def _worker(queue: Queue) -> Service:
    return Service(
        f"worker-{queue}",
        ReadinessCheck.HEARTBEAT,
        (Role.WORKER, "-Q", queue),
        depends_on=(STACK, API),
        stop_s=9,
        queue=queue,
    )


UPDATER, CLEANER = f"worker-{Queue.SLOW}", f"worker-{Queue.FAST}"
NVD_KEY_USERS = frozenset({UPDATER})
NETWORK_USERS = frozenset({API, UPDATER, BEAT})
"""The API tests keys for NVD, and beat looks whether a source can be reached."""
MAIL_USERS = frozenset({CLEANER})


def affected_services(before: UserSettings, after: UserSettings) -> frozenset[str]:
    """Return the names of the services to restart: each reads its settings once, at its start.

    A change of the stack is not covered: there the whole session is replaced.
    """
    services = set[str]()
    if before.sources != after.sources:
        services |= {API, UPDATER}  # the API reports which sources are enabled, the worker reads them
    if before.inbox != after.inbox:
        services |= {UPDATER, CLEANER}  # events are written by updates, and by matching what is installed
    if before.network != after.network:
        services |= NETWORK_USERS
        services |= MAIL_USERS if after.report.mail.enabled else set()
    if before.retention != after.retention or before.report != after.report:
        services.add(CLEANER)  # the jobs: cleaning and reports
    return frozenset(services)
