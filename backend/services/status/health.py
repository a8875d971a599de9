"""Health of the API: identity of its process, and the state of database, broker, workers and beat."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
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
from backend.contract.problem_catalogue import ProblemId
from backend.contract.settings import StackKind
from backend.contract.version import VERSION
from backend.contract.workers import WorkersState
from backend.services.runs.broker_errors import BrokerRefuses, BrokerUnavailable, redis_error
from backend.services.status.worker_status import workers_status
from backend.store.engine import Database

_TIMEOUT_S = 1.0
_PROBE_KEY, _PROBE_EXPIRES_S = "openthreat.health", 60


class Broker(Protocol):
    name: str

    def check(self) -> None:
        """Raise BrokerUnavailable if no task can be handed to the broker now. It is tried, not only asked for."""


class BuiltInBroker:
    """The SQLite file of the embedded stack."""

    name = "The built-in broker"

    def __init__(self, settings: Settings) -> None:
        self._file = settings.broker_file

    def check(self) -> None:
        if not self._file.exists():
            return  # it is created when the first message is sent
        try:
            with closing(self._connect()) as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA user_version = {self._version(connection)}")  # writes the same value
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            if (found := self._meaning(error)) is not None:
                raise found from error

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self._file.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, timeout=_TIMEOUT_S, isolation_level=None)

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def _meaning(self, error: sqlite3.Error) -> BrokerUnavailable | None:
        """None for a file that is only in use: the next task waits for its turn."""
        where = f"{self._file}: {error}"
        match error.sqlite_errorcode & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return None
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                hint = "Stop the program and delete the file. It contains no data and is created again."
                return BrokerRefuses("The built-in broker's file is damaged", where, hint)
            case sqlite3.SQLITE_FULL:
                hint = "Free some space on that disk; waiting tasks are then sent."
                return BrokerRefuses("The disk of the built-in broker is full", where, hint)
        hint = "Check the permissions of the file and of its folder."
        return BrokerRefuses("The built-in broker's file cannot be written", where, hint)


class RedisBroker:
    """The Redis server. Its client is imported late: the API of the embedded stack uses 6 MiB less without it."""

    name = "Redis"

    def __init__(self, settings: Settings) -> None:
        import redis

        self._client = redis.Redis.from_url(
            settings.broker_url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S
        )
        self._variable = address_variable(settings)

    def check(self) -> None:
        import redis

        try:
            self._client.set(_PROBE_KEY, "written by the health check", ex=_PROBE_EXPIRES_S)
        except redis.RedisError as error:
            raise redis_error(error, self._variable) from error


def address_variable(settings: Settings) -> str:
    """Return where a person sets the address of Redis."""
    return "stack.env" if settings.chosen_stack is StackKind.DOCKER else "REDIS_URL"


def broker_for(settings: Settings) -> Broker:
    return BuiltInBroker(settings) if settings.embedded_broker else RedisBroker(settings)


_UNKNOWN = Dependency(state=DependencyState.WARNING, message="Unknown while the database cannot be reached.")
_NO_BEAT = Dependency(state=DependencyState.DOWN, message="Beat is not running: scheduled tasks do not start.")
_WORKER_STATES = {
    WorkersState.HEALTHY: DependencyState.OK,
    WorkersState.BUSY: DependencyState.OK,
    WorkersState.STALLED: DependencyState.WARNING,
    WorkersState.NO_WORKERS: DependencyState.DOWN,
}


@dataclass(frozen=True)
class ApiIdentity:
    """Distinguishes this API process from every other."""

    pid: int
    instance: str | None
    home: str
    started_at: datetime


@dataclass(frozen=True)
class StoreReport:
    """State of the database, and of the processes that write their heartbeats to it."""

    store: Dependency
    workers: Dependency = _UNKNOWN
    beat: Dependency = _UNKNOWN


_NOT_IN_TIME = "It does not answer in time."
STORE_TIMED_OUT = StoreReport(
    Dependency(
        state=DependencyState.DOWN,
        message="The database does not answer in time.",
        error=ErrorFields(title="The database cannot be reached", message=_NOT_IN_TIME, id=ProblemId.DATABASE_AWAY),
    )
)
BROKER_TIMED_OUT = Dependency(
    state=DependencyState.DOWN,
    message="The broker does not answer in time.",
    error=ErrorFields(title="The broker cannot be reached", message=_NOT_IN_TIME, id=ProblemId.BROKER_AWAY),
)


def api_identity(settings: Settings, now: datetime) -> ApiIdentity:
    return ApiIdentity(os.getpid(), os.environ.get(INSTANCE_VARIABLE) or None, home_fingerprint(settings.home), now)


def check_health(database: Database, broker: Broker, api: ApiIdentity, now: datetime) -> Health:
    return compose_health(api, check_store(database, now), check_broker(broker))


def presence(api: ApiIdentity) -> Presence:
    return Presence(version=VERSION, pid=api.pid, instance=api.instance, home=api.home, started_at=api.started_at)


def compose_health(api: ApiIdentity, report: StoreReport, broker: Dependency) -> Health:
    return Health(
        **dict(presence(api)),
        status=_worst([report.store, broker, report.workers, report.beat]),
        database=report.store,
        broker=broker,
        workers=report.workers,
        beat=report.beat,
    )


def check_store(database: Database, now: datetime) -> StoreReport:
    try:
        if not database.is_prepared():
            return StoreReport(_preparing(database))
        database.check_room()
        workers = workers_status(database, now)
        return StoreReport(
            _ok("The database answers."),
            Dependency(state=_WORKER_STATES[workers.status], message=workers.message),
            _ok("Beat is running.") if workers.beats else _NO_BEAT,
        )
    except OpenThreatError as error:
        return StoreReport(_down(error))


def check_broker(broker: Broker) -> Dependency:
    try:
        broker.check()
    except BrokerUnavailable as error:
        return _down(error)
    return _ok(f"{broker.name} answers.")


def _preparing(database: Database) -> Dependency:
    position = database.conversion()
    done = f": {position.percent} % done" if position and position.total else ""
    message = f"After a new version this may take some minutes{done}."
    return Dependency(
        state=DependencyState.DOWN,
        message="The database is being prepared.",
        error=ErrorFields(title="The database is being prepared", message=message, id=ProblemId.DATABASE_PREPARING),
    )


def _ok(message: str) -> Dependency:
    return Dependency(state=DependencyState.OK, message=message)


def _down(error: OpenThreatError) -> Dependency:
    return Dependency(state=DependencyState.DOWN, message=str(error), error=error.fields)


def _worst(parts: Sequence[Dependency]) -> DependencyState:
    states = {part.state for part in parts}
    return next(
        (state for state in (DependencyState.DOWN, DependencyState.WARNING) if state in states), DependencyState.OK
    )
