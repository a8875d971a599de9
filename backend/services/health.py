"""Who this process is and what the things it depends on say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.health import INSTANCE_VARIABLE, Dependency, DependencyState, Health, home_fingerprint
from backend.contract.names import Role
from backend.contract.version import VERSION
from backend.contract.workers import WorkersState
from backend.errors import OpenThreatError
from backend.services.broker import Broker
from backend.services.crew import present, workers_status
from backend.services.queue import BrokerUnavailable
from backend.store.engine import Database

_UNKNOWN = Dependency(state=DependencyState.WARNING, message="Not known while the database cannot be reached.")
_UNPREPARED = Dependency(state=DependencyState.DOWN, message="The database is being prepared.")
_WORKERS = {
    WorkersState.HEALTHY: DependencyState.OK,
    WorkersState.BUSY: DependencyState.OK,
    WorkersState.STALLED: DependencyState.WARNING,
    WorkersState.NO_WORKERS: DependencyState.DOWN,
}


@dataclass(frozen=True)
class Identity:
    """What tells this API process from every other."""

    pid: int
    instance: str | None
    home: str
    started_at: datetime


def identity(settings: Settings, now: datetime) -> Identity:
    return Identity(os.getpid(), os.environ.get(INSTANCE_VARIABLE) or None, home_fingerprint(settings.home), now)


def check_health(database: Database, broker: Broker, who: Identity, now: datetime) -> Health:
    try:
        if database.is_prepared():
            with database.reading() as connection:
                store, workers, beat = _ok("The database answers."), _workers(connection, now), _beat(connection, now)
        else:
            store, workers, beat = _UNPREPARED, _UNKNOWN, _UNKNOWN
    except OpenThreatError as error:
        store, workers, beat = _down(error), _UNKNOWN, _UNKNOWN
    queue = _broker(broker)
    return Health(
        status=_worst([store, queue, workers, beat]),
        version=VERSION,
        pid=who.pid,
        instance=who.instance,
        home=who.home,
        started_at=who.started_at,
        database=store,
        broker=queue,
        workers=workers,
        beat=beat,
    )


def _workers(connection: Connection, now: datetime) -> Dependency:
    answer = workers_status(connection, now)
    return Dependency(state=_WORKERS[answer.status], message=answer.message)


def _beat(connection: Connection, now: datetime) -> Dependency:
    if present(connection, Role.BEAT, now):
        return _ok("The schedule is being kept.")
    return Dependency(state=DependencyState.DOWN, message="Nobody keeps the schedule: beat is not running.")


def _broker(broker: Broker) -> Dependency:
    try:
        broker.check()
    except BrokerUnavailable as error:
        return _down(error)
    return _ok(f"{broker.name} answers.")


def _ok(message: str) -> Dependency:
    return Dependency(state=DependencyState.OK, message=message)


def _down(error: OpenThreatError) -> Dependency:
    return Dependency(state=DependencyState.DOWN, message=str(error))


def _worst(parts: Sequence[Dependency]) -> DependencyState:
    states = {part.state for part in parts}
    return next(
        (state for state in (DependencyState.DOWN, DependencyState.WARNING) if state in states), DependencyState.OK
    )
