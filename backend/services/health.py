"""Who this process is and what the things it depends on say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.config import Settings
from backend.contract.errors import OpenThreatError
from backend.contract.health import (
    INSTANCE_VARIABLE,
    Dependency,
    DependencyState,
    Health,
    Presence,
    home_fingerprint,
)
from backend.contract.version import VERSION
from backend.contract.workers import WorkersState
from backend.services.broker import Broker
from backend.services.crew import workers_status
from backend.services.runs.queue import BrokerUnavailable
from backend.store.engine import Database

_UNKNOWN = Dependency(state=DependencyState.WARNING, message="Not known while the database cannot be reached.")
_UNSCHEDULED = Dependency(state=DependencyState.DOWN, message="Nobody keeps the schedule: beat is not running.")
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


@dataclass(frozen=True)
class StoreReport:
    """What the database says of itself and of those who write their heartbeats there."""

    store: Dependency
    workers: Dependency = _UNKNOWN
    beat: Dependency = _UNKNOWN


SILENT_STORE = StoreReport(Dependency(state=DependencyState.DOWN, message="The database does not answer in time."))
SILENT_BROKER = Dependency(state=DependencyState.DOWN, message="The broker does not answer in time.")


def identity(settings: Settings, now: datetime) -> Identity:
    return Identity(os.getpid(), os.environ.get(INSTANCE_VARIABLE) or None, home_fingerprint(settings.home), now)


def check_health(database: Database, broker: Broker, who: Identity, now: datetime) -> Health:
    return put_together(who, look_at_store(database, now), look_at_broker(broker))


def presence(who: Identity) -> Presence:
    return Presence(version=VERSION, pid=who.pid, instance=who.instance, home=who.home, started_at=who.started_at)


def put_together(who: Identity, told: StoreReport, broker: Dependency) -> Health:
    return Health(
        **dict(presence(who)),
        status=_worst([told.store, broker, told.workers, told.beat]),
        database=told.store,
        broker=broker,
        workers=told.workers,
        beat=told.beat,
    )


def look_at_store(database: Database, now: datetime) -> StoreReport:
    try:
        if not database.is_prepared():
            return StoreReport(_UNPREPARED)
        with database.reading() as connection:
            told = workers_status(connection, now)
        return StoreReport(
            _ok("The database answers."),
            Dependency(state=_WORKERS[told.status], message=told.message),
            _ok("The schedule is being kept.") if told.beats else _UNSCHEDULED,
        )
    except OpenThreatError as error:
        return StoreReport(_down(error))


def look_at_broker(broker: Broker) -> Dependency:
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
