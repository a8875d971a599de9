"""Runs all checks of the doctor in a fixed order: a check comes after those that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from backend.config import Settings, load_settings
from backend.contract.diagnosis import CheckResult, Diagnosis
from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import problem
from backend.contract.settings import StackKind
from backend.contract.wire import utc_now
from backend.services.doctor import machine, port, work
from backend.services.doctor.results import failed, well
from backend.services.status.health import broker_for
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.system.machine import free_bytes


def examine(
    load: Callable[[], Settings] = load_settings,
    *,
    now: Callable[[], datetime] = utc_now,
    network_time: machine.NetworkTime = machine.network_time,
    free: machine.FreeBytes = free_bytes,
) -> Diagnosis:
    """Run all checks; changes nothing but the time of the last one in the database.

    Args:
        load: Returns the settings, or raises ConfigurationError.
        now: Returns the time of this machine in UTC.
        network_time: Returns the time of a source's server.
        free: Returns the number of free bytes on the disk of a folder.
    """
    try:
        settings = load()
    except ConfigurationError as error:
        return Diagnosis.of([failed("settings", error, (Remedy.OPEN_FOLDER,))])
    return Diagnosis.of(
        [
            well("settings", "The settings can be read", f"Data folder: {settings.home}"),
            machine.data_folder(settings),
            machine.disk(settings, free),
            *_stack(settings, now()),
            port.api_port(settings),
            machine.clock(now(), network_time(settings)),
            machine.time_zone(),
        ]
    )


_EXAMINED_AT = "examined_at"


def _stack(settings: Settings, now: datetime) -> Iterator[CheckResult]:
    yield _broker(settings)
    try:
        database = Database(settings.database_url)
    except ConfigurationError as error:
        yield failed("database", error, _where_servers_are_chosen(settings))
        return
    try:
        yield from _contents(settings, database, now)
    except OpenThreatError as error:
        yield failed("database", error, _where_servers_are_chosen(settings))
    finally:
        database.close()


def _contents(settings: Settings, database: Database, now: datetime) -> Iterator[CheckResult]:
    if not database.is_prepared():
        yield CheckResult.of("database", problem(ProblemId.DATABASE_EMPTY, remedies=()))
        return
    database.check_room()
    with database.transaction() as connection:
        MetadataRepository(connection).set(_EXAMINED_AT, now.isoformat())  # tries to write, as updates do
        search = work.search(connection)
    with database.reading() as connection:
        found = [
            search,
            work.workers(connection, now),
            work.beat(connection, now),
            work.queue(connection, now),
            *work.data(connection, settings, now),
        ]
    yield well("database", "The database answers and can be written")
    yield from found


def _broker(settings: Settings) -> CheckResult:
    try:
        broker = broker_for(settings)
        broker.check()
    except OpenThreatError as error:
        return failed("broker", error, _where_servers_are_chosen(settings))
    return well("broker", f"{broker.name} takes tasks")


def _where_servers_are_chosen(settings: Settings) -> tuple[Remedy, ...]:
    """Remedies for servers: others can be chosen in Settings, which does not help with the built-in ones."""
    return () if settings.chosen_stack is StackKind.EMBEDDED else (Remedy.OPEN_SETTINGS,)
