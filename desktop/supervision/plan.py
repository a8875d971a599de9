"""The services of one installation, in the order in which they start.

Whom a change of the settings concerns: every service reads them once, when it starts.
"""

from __future__ import annotations

from backend.contract.names import Queue, Role
from backend.contract.settings import UserSettings
from desktop.supervision.services import Proof, Service

STACK, API, BEAT = "stack", "api", "beat"


def plan(stack: str) -> tuple[Service, ...]:
    """stack: what kind it is, for people."""
    return (
        Service(STACK, f"Stack ({stack})", Proof.STACK),
        Service(API, "API", Proof.ANSWER, (Role.API,), needs=(STACK,)),  # prepares the database for the others
        _worker(Queue.SLOW),
        _worker(Queue.FAST),
        Service(BEAT, "Beat", Proof.ALIVE, (Role.BEAT,), needs=(STACK, API)),
    )


def _worker(queue: Queue) -> Service:
    return Service(
        f"worker-{queue}",
        f"Worker ({queue})",
        Proof.HEARTBEAT,
        (Role.WORKER, "-Q", queue),
        needs=(STACK, API),
        stop_s=9,
        queue=queue,
    )


UPDATER, CLEANER = f"worker-{Queue.SLOW}", f"worker-{Queue.FAST}"
NVD_KEY_USERS = frozenset({UPDATER})


def concerned(before: UserSettings, after: UserSettings) -> frozenset[str]:
    """Names of the services to restart. Another stack is another matter: there everything begins anew."""
    services = set[str]()
    if before.sources != after.sources:
        services |= {API, UPDATER}  # one says which sources are on, the other asks them
    if before.retention != after.retention:
        services.add(CLEANER)
    return frozenset(services)
