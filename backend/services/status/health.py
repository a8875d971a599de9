"""Who this process is and what the things it depends on say.

Can the broker be reached right now?
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.config import Settings
from backend.contract.errors import ErrorFields, OpenThreatError
from backend.contract.health import (
    INSTANCE_VARIABLE,
    Dependency,
    DependencyState,
    Health,
    Presence,
    home_fingerprint,
)
from backend.contract.problems import ProblemId
from backend.contract.version import VERSION
from backend.contract.workers import WorkersState
from backend.services.runs.queue import BrokerUnavailable
from backend.services.status.worker_status import workers_status
from backend.store.engine import Database

_PATIENCE_S = 1.0


class Broker(Protocol):
    name: str

    def check(self) -> None:
        """Raises BrokerUnavailable."""


class BuiltInBroker:
    """The SQLite file of the embedded stack."""

    name = "The built-in broker"

    def __init__(self, settings: Settings) -> None:
        self._file = settings.home / "broker.db"

    def check(self) -> None:
        if not self._file.exists():
            return  # it is made when the first message is sent
        try:
            connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE_S)
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise BrokerUnavailable(
                "The built-in broker's file cannot be read",
                f"{self._file}: {error}",
                "Stop the program and delete the file; it holds no data and is made anew.",
            ) from error


class RedisBroker:
    """Redis is imported where it is used: the embedded stack's API is 6 MiB smaller without."""

    name = "Redis"

    def __init__(self, settings: Settings) -> None:
        import redis

        self._client = redis.Redis.from_url(
            settings.broker_url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S
        )

    def check(self) -> None:
        import redis

        try:
            self._client.ping()
        except redis.AuthenticationError as error:
            raise BrokerUnavailable("Redis refuses the password", "", "Correct the password in REDIS_URL.") from error
        except redis.RedisError as error:
            raise BrokerUnavailable(
                "Redis cannot be reached", f"{str(error).rstrip('.')}.", "Start Redis, or correct REDIS_URL."
            ) from error


def broker_of(settings: Settings) -> Broker:
    return BuiltInBroker(settings) if settings.embedded_broker else RedisBroker(settings)


_UNKNOWN = Dependency(state=DependencyState.WARNING, message="Not known while the database cannot be reached.")
_UNSCHEDULED = Dependency(state=DependencyState.DOWN, message="Nobody keeps the schedule: beat is not running.")
_UNPREPARED = Dependency(
    state=DependencyState.DOWN,
    message="The database is being prepared.",
    error=ErrorFields(title="The database is being prepared", id=ProblemId.DATABASE_PREPARING),
)
_WORKERS = {
    WorkersState.HEALTHY: DependencyState.OK,
    WorkersState.BUSY: DependencyState.OK,
    WorkersState.STALLED: DependencyState.WARNING,
    WorkersState.NO_WORKERS: DependencyState.DOWN,
}


@dataclass(frozen=True)
class ApiIdentity:
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


_NOT_IN_TIME = "It does not answer in time."
SILENT_STORE = StoreReport(
    Dependency(
        state=DependencyState.DOWN,
        message="The database does not answer in time.",
        error=ErrorFields(title="The database cannot be reached", message=_NOT_IN_TIME, id=ProblemId.DATABASE_AWAY),
    )
)
SILENT_BROKER = Dependency(
    state=DependencyState.DOWN,
    message="The broker does not answer in time.",
    error=ErrorFields(title="The broker cannot be reached", message=_NOT_IN_TIME, id=ProblemId.BROKER_AWAY),
)


def identity(settings: Settings, now: datetime) -> ApiIdentity:
    return ApiIdentity(os.getpid(), os.environ.get(INSTANCE_VARIABLE) or None, home_fingerprint(settings.home), now)


def check_health(database: Database, broker: Broker, who: ApiIdentity, now: datetime) -> Health:
    return put_together(who, look_at_store(database, now), look_at_broker(broker))


def presence(who: ApiIdentity) -> Presence:
    return Presence(version=VERSION, pid=who.pid, instance=who.instance, home=who.home, started_at=who.started_at)


def put_together(who: ApiIdentity, told: StoreReport, broker: Dependency) -> Health:
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
    return Dependency(state=DependencyState.DOWN, message=str(error), error=error.fields)


def _worst(parts: Sequence[Dependency]) -> DependencyState:
    states = {part.state for part in parts}
    return next(
        (state for state in (DependencyState.DOWN, DependencyState.WARNING) if state in states), DependencyState.OK
    )
