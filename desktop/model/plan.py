"""The services of one installation, in the order in which they start."""

from __future__ import annotations

from backend.contract.names import Queue, Role
from desktop.model.services import Proof, Service

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
