"""Real servers for tests: a PostgreSQL and a Redis of our own, on free loopback ports, gone when the tests end.

They come from the system's packages. Where they are not installed, the tests that need them are skipped and say so,
unless OPENTHREAT_TEST_POSTGRES and OPENTHREAT_TEST_REDIS name servers whose only users they are, by URL.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
import redis

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


def _postgres_program(name: str) -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


class PostgresServer:
    """One cluster in a folder. PostgreSQL does not run as root, so root starts it as the user `postgres`.

    Args:
        address: Where it listens. Every program that can reach it there may do everything.
    """

    def __init__(self, folder: Path, address: str = LOOPBACK) -> None:
        self.port = free_port()
        self._folder, self._address = folder, address
        self._as_user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            if os.name == "posix" and os.geteuid() == 0
            else []
        )
        folder.mkdir(parents=True, exist_ok=True)
        if self._as_user:
            shutil.chown(folder, "postgres", "postgres")
        subprocess.run(
            [
                *self._as_user,
                str(_postgres_program("initdb")),
                "-D",
                str(folder / "data"),
                "-U",
                "openthreat",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        with (folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write(f"host all all {address}/24 trust\n")
        self.start()

    @staticmethod
    def available() -> bool:
        return _postgres_program("initdb") is not None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *self._as_user,
                str(_postgres_program("postgres")),
                "-D",
                str(self._folder / "data"),
                "-p",
                str(self.port),
                "-c",
                f"listen_addresses={self._address}",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=32MB",
                "-c",
                "max_connections=60",
            ],
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "log").open("ab"),
            cwd=self._folder,
        )
        wait_until(self._answers, "PostgreSQL answers")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is PostgreSQL's fast shutdown; SIGQUIT is a crash."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://openthreat@{self._address}:{self.port}/{database}"

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url(), connect_timeout=1).close()
        except psycopg2.OperationalError:
            return False
        return True


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database that is dropped at the end: a copy of the template, to which no connection may be open.

    Args:
        server: The URL of any database on the same PostgreSQL.
        template: The name of a database there.
    """
    name = f"test_{uuid4().hex}"
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            yield f"{server.rpartition('/')[0]}/{name}"
            # Thousands of copies would fill the disk, and their removal would hold up the end of the tests.
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def emptied_redis(server: str, number: int) -> str:
    """The URL of an emptied database of a Redis server."""
    url = f"{server}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


class RedisServer:
    """A redis-server with its data in a folder, so that it can be stopped and started again.

    Args:
        address: Where it listens.
        program: It, or a fork of it.
    """

    def __init__(self, folder: Path, address: str = LOOPBACK, program: str = "redis-server") -> None:
        self.port, self._folder, self._host, self._program = free_port(), folder, address, program
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    @staticmethod
    def available() -> bool:
        return shutil.which("redis-server") is not None

    @property
    def address(self) -> str:
        return f"redis://{self._host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.address}/0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                self._program,
                "--port",
                str(self.port),
                "--bind",
                self._host,
                "--protected-mode",
                "no",
                "--dir",
                str(self._folder),
                "--appendonly",
                "yes",
                "--save",
                "",
                "--hz",
                "2",
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, "Redis answers")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def needs(*programs: str) -> None:
    """Skip the test unless they are installed. Called when a test runs: collection may come before the set-up."""
    if absent := [program for program in programs if shutil.which(program) is None]:
        pytest.skip(f"not installed here: {', '.join(absent)}")


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait for a condition. The deadline is far longer than expected, so speed is not tested."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
