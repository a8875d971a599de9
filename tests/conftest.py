"""Fixtures for all kinds of tests. They use this machine only."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from backend.store.engine import Database
from tests.reckoning import reckoning
from tests.servers import PostgresServer, RedisServer, emptied_redis, new_database

NAMED_IN_ENVIRONMENT = ("DATABASE_URL", "REDIS_URL", "NVD_API_KEY")
FEEDS = Path(__file__).resolve().parents[2] / "shared" / "feeds"
_LONGEST_ID = 1_000


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(reckoning())
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts background jobs so, and children inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a test by the length of a long text.

    pytest puts the name into an environment variable, which has at most 32,767 characters on Windows.
    """
    return f"{len(val)} characters" if isinstance(val, str | bytes) and len(val) > _LONGEST_ID else None


# A slow or busy machine must not fail a test.
settings.register_profile("full", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", settings.get_profile("full"), max_examples=25, derandomize=True)
settings.load_profile("gate")  # the same examples each time; --hypothesis-profile=full generates others


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for name in list(os.environ):
        if name in NAMED_IN_ENVIRONMENT or (name.startswith("OPENTHREAT_") and not name.startswith("OPENTHREAT_TEST_")):
            monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a space and non-Latin letters in its name, as users have them."""
    folder = tmp_path / "Ünï cödé 資料"
    folder.mkdir()
    monkeypatch.setenv("OPENTHREAT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    if not PostgresServer.available():
        pytest.skip("PostgreSQL is not installed here")
    # Not below pytest's own folder: only its owner may enter that, and PostgreSQL runs as another user.
    with tempfile.TemporaryDirectory(prefix="openthreat-postgres-") as folder:
        server = PostgresServer(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgres_address(request: pytest.FixtureRequest) -> str:
    """The URL of any database on a real PostgreSQL."""
    given = os.environ.get("OPENTHREAT_TEST_POSTGRES")
    return given or str(request.getfixturevalue("postgres").url())


@pytest.fixture
def postgres_url(postgres_address: str) -> Iterator[str]:
    """An empty database on a real PostgreSQL."""
    with new_database(postgres_address) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database as the migrations leave it. They take longer than most tests, so tests get copies."""
    path = tmp_path_factory.mktemp("template") / "openthreat.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_address: str) -> Iterator[str]:
    """The name of such a database on the PostgreSQL server."""
    with new_database(postgres_address) as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> str:
    """A database of each kind, without tables."""
    if database_kind == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'émpty.db'}"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with all tables and no rows in them."""
    if database_kind == "postgresql":
        template = request.getfixturevalue("postgres_template")
        with new_database(request.getfixturevalue("postgres_address"), template) as url:
            yield url
    else:
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "öpen threat.db")
        yield f"sqlite:///{tmp_path / 'öpen threat.db'}"


def migrate(url: str) -> None:
    database = Database(url)
    database.prepare()
    database.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if not RedisServer.available():
        pytest.skip("Redis is not installed here")
    server = RedisServer(tmp_path_factory.mktemp("redis", numbered=True))
    yield server
    server.stop()


@pytest.fixture
def redis_url(request: pytest.FixtureRequest) -> str:
    """A real, empty Redis."""
    given = os.environ.get("OPENTHREAT_TEST_REDIS")
    one_of_many = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return emptied_redis(given or request.getfixturevalue("redis_server").address, one_of_many)


@pytest.fixture(scope="session")
def public_tables() -> Path:
    """Public tables of versions, products and CPE names, if they are present beside the project."""
    folder = FEEDS.parent / "inventory"
    if not folder.exists():
        pytest.skip("the public tables do not lie beside the project")
    return folder


@pytest.fixture(scope="session")
def feed_world() -> Path:
    """The program that replays recorded feeds, if it is present beside the project."""
    program = FEEDS / "serve.py"
    if not program.exists():
        pytest.skip("the recorded feeds do not lie beside the project")
    return program
