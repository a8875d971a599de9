"""`openthreat selftest`: imports all modules, reads the product tables, and tries a database, the brokers and a worker.

It is meant for the packaged program, from which a module that is imported only by a string, or a data file, is easily
missing.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from queue import Empty as NothingArrived
from uuid import uuid4

from kombu.connection import Connection
from kombu.exceptions import KombuError

from backend.config import Settings
from backend.contract.diagnosis import CheckResult, Diagnosis
from backend.contract.errors import OpenThreatError
from backend.contract.wire import utc_now
from backend.domain.products.curated import curated_table
from backend.domain.products.packages import package_table
from backend.services.doctor.results import failed, incomplete, well
from backend.services.doctor.worker_selftest import EMBEDDED_TRANSPORT, trial_run
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository

_NAMED_BY_STRINGS = (
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.backends.database",
    "celery.backends.redis",
    "celery.concurrency.solo",
    "celery.loaders.app",
    "celery.worker.components",
    "celery.worker.autoscale",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "kombu.transport.virtual",
    "logging.config",
    "psycopg2",
    "redis",
    "rich.progress",
    "sqlalchemy.dialects.postgresql.psycopg2",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tzdata",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
)
_PATIENCE_S = 10.0


def run_selftest(settings: Settings) -> Diagnosis:
    with tempfile.TemporaryDirectory(prefix="openthreat-selftest-", ignore_cleanup_errors=True) as name:
        folder, trial = Path(name), Path(name) / "trial"
        trial.mkdir()
        here = (_modules(), product_tables(), _database(folder), _built_in_broker(folder), trial_run(trial))
        return Diagnosis.of((*here, *_redis(settings)))


def _modules() -> CheckResult:
    names = [*_NAMED_BY_STRINGS, *(name for package in _packages() for name in _modules_of(package))]
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
    if missing:
        return incomplete("modules", "Parts of the program are missing", "; ".join(missing))
    return well("modules", "All parts of the program can be loaded", f"{len(names)} modules.")


def _packages() -> tuple[str, ...]:
    """Return the packages to import. Run from source, a server may lack Qt's libraries, so the desktop is left out."""
    return ("backend", "desktop") if getattr(sys, "frozen", False) else ("backend",)


def _modules_of(package: str) -> list[str]:
    """Return all modules except migrations, which Alembic loads as files, and `__main__`, which runs when imported."""
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    return [
        module.name for module in found if ".migrations." not in module.name and not module.name.endswith(".__main__")
    ]


def product_tables() -> CheckResult:
    """Read the data files of `backend.domain.products`. Without them, nothing installed is recognised."""
    try:
        programs, packages = len(curated_table().programs), len(package_table())
    except (OSError, LookupError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        return incomplete("product tables", "The tables of known products cannot be read", reason)
    if not programs or not packages:
        return incomplete("product tables", "The tables of known products are empty")
    return well(
        "product tables", "The tables of known products can be read", f"{programs} programs, {packages} packages."
    )


def _database(folder: Path) -> CheckResult:
    written = utc_now().isoformat()
    database = Database(f"sqlite:///{folder / 'selftest.db'}")
    try:
        database.prepare()
        with database.transaction() as connection:
            MetadataRepository(connection).set("selftest", written)
        with database.reading() as connection:
            read = MetadataRepository(connection).get("selftest")
    except OpenThreatError as error:
        return failed("database", error)
    finally:
        database.close()
    if read != written:
        return incomplete(
            "database", "The database does not return what was written", f"{read!r} instead of {written!r}."
        )
    return well("database", "A database can be made, written and read")


def _built_in_broker(folder: Path) -> CheckResult:
    return _round_trip("built-in broker", _connect(f"sqlite:///{folder / 'broker.db'}", transport=EMBEDDED_TRANSPORT))


def _redis(settings: Settings) -> Iterator[CheckResult]:
    if not settings.embedded_broker:
        yield _round_trip("redis", _connect(settings.broker_url, connect_timeout=_PATIENCE_S))


def _connect(url: str, **options: object) -> Connection:
    return Connection(url, **options)  # type: ignore[no-untyped-call]


def _round_trip(name: str, connection: Connection) -> CheckResult:
    """Send and receive a message through a temporary queue."""
    word = uuid4().hex
    try:
        with connection, connection.SimpleQueue(f"openthreat.selftest.{word}") as queue:  # type: ignore[no-untyped-call]
            queue.put({"word": word})
            message = queue.get(timeout=_PATIENCE_S)
            message.ack()
            queue.queue.delete()
    except (KombuError, NothingArrived, *connection.connection_errors, *connection.channel_errors) as error:
        reason = f"{type(error).__name__}: {error}"
        return incomplete(name, f"No message passes the {name}", reason, "Run `openthreat doctor`.")
    if message.payload != {"word": word}:
        return incomplete(name, f"The {name} does not return what was sent")
    return well(name, f"A message passes the {name}")
