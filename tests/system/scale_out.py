"""A team of hosts that share a database and a broker: worker hosts, and desktops that send inventories."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select, update

from backend.contract.inventory import Inventory
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.wire import utc_now
from backend.services.runs.queue import UPDATE_GROUP, new_run
from backend.store.engine import Database
from backend.store.exposure_tables import (
    events,
    finding_history,
    findings,
    machine_programs,
    machines,
    program_matches,
    programs,
)
from backend.store.repositories.matching import MatchingRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.workers import WorkerRepository
from backend.store.tables import schedule_entries
from tests.servers import PostgresServer, RedisServer, wait_until
from tests.system.hosts import Host, network
from tests.system.set_clock import SetClock

WORKERS = ("worker-1", "worker-2", "worker-3")
DESKTOPS = ("desktop-1", "desktop-2")
NOWHERE = "http://127.0.0.1:9"
SOURCES = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
API_PORT = 8001  # each host has its own loopback
HOST_ROLE = "tests.system.host_role"
WITHOUT_MATCHING = ("api", "beat", "worker -Q slow")
DATABASE_LINE, BROKER_LINE = 6001, 6002
PATIENCE_S = 1200

Outcome = dict[str, Sequence[tuple[object, ...]]]


class Team:
    """The servers' host and all others. What a test does itself, it does on the servers' host."""

    def __init__(self, folder: Path, hosts: dict[str, Host], broker_program: str) -> None:
        self.folder, self.hosts, self.log = folder, hosts, folder / "hosts.log"
        self.log.touch()
        address = hosts["servers"].address
        self.postgres = PostgresServer(folder / "postgres", address)
        self.broker = RedisServer(folder / "redis", address, broker_program)
        self.database = Database(self.postgres.url())
        self.database.prepare()
        with self.database.transaction() as connection:  # otherwise each beat would enqueue a first update
            first = replace(new_run(TaskName.UPDATE, Trigger.API, utc_now()), state=RunState.SUCCESS)
            RunRepository(connection).add(replace(first, finished_at=first.queued_at))
        self._clocks: dict[str, SetClock] = {}

    # ---- hosts

    def start_workers(self, latencies: Mapping[str, float]) -> None:
        """Start a worker of the fast queue on each host.

        Args:
            latencies: By host, the seconds that its line to the servers takes there and back.
        """
        started = set[int]()
        for name, latency_s in latencies.items():
            addresses = self._slow_line(name, latency_s) if latency_s else {}
            started.add(self._start(name, "worker", "-Q", "fast", **addresses).pid)
        wait_until(lambda: started <= self._registered(), "the workers are there", PATIENCE_S)

    def start_desktop(self, name: str, services: Sequence[str] = WITHOUT_MATCHING, program: str = HOST_ROLE) -> None:
        """Start services of a desktop, the API among them, each by its words on the command line."""
        for words in services:
            self._start(name, *words.split(), program=program)
        wait_until(lambda: self._answers(name), f"the API of {name} answers", PATIENCE_S)

    def clock(self, name: str) -> SetClock:
        """The wall clock of the processes that are started there from now on."""
        return self._clocks.setdefault(name, SetClock(self.folder / f"{name}.clock"))

    def home(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def _start(self, name: str, *words: str, program: str = HOST_ROLE, **variables: str) -> subprocess.Popen[bytes]:
        environment = {
            "OPENTHREAT_HOME": str(self.home(name)),
            "OPENTHREAT_API_PORT": str(API_PORT),
            "DATABASE_URL": self.postgres.url(),
            "REDIS_URL": self.broker.url,
            **{f"OPENTHREAT_{source}_URL": NOWHERE for source in SOURCES},
            **(self._clocks[name].variables if name in self._clocks else {}),
            **variables,
        }
        return self.hosts[name].start(program, *words, environment=environment, log=self.log)

    def _slow_line(self, name: str, latency_s: float) -> dict[str, str]:
        address = self.hosts["servers"].address
        lines = (f"{DATABASE_LINE}:{address}:{self.postgres.port}", f"{BROKER_LINE}:{address}:{self.broker.port}")
        log = self.folder / f"{name}.line"
        self.hosts[name].start("tests.fakes.slow_line", str(latency_s / 2), *lines, environment={}, log=log)
        wait_until(lambda: "ready" in log.read_text(encoding="utf-8"), "the slow line is there", PATIENCE_S)
        return {
            "DATABASE_URL": f"postgresql://openthreat@127.0.0.1:{DATABASE_LINE}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{BROKER_LINE}/0",
        }

    def _registered(self) -> set[int]:
        with self.database.reading() as connection:
            return {row.pid for row in WorkerRepository(connection).all()}

    # ---- what desktops request

    def request(self, desktop: str, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        """Ask a desktop's API."""
        headers = {"Content-Type": "application/json"}
        url = f"http://127.0.0.1:{API_PORT}/api/v1/{path}"
        with self.hosts[desktop].inside():
            answer = requests.request(method, url, data=body, headers=headers, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def send(self, inventories: Iterable[tuple[str, Inventory]], desktops: Sequence[str] = DESKTOPS) -> None:
        """Send inventories, by one desktop after the other."""
        for number, (machine, inventory) in enumerate(inventories):
            self._send(desktops[number % len(desktops)], machine, inventory.model_dump_json(exclude_defaults=True))

    def _send(self, desktop: str, machine: str, body: str) -> None:
        """Try again after a failure, as the desktop's scanner does."""
        while not self._is_stored(desktop, machine, body):
            time.sleep(0.5)

    def _is_stored(self, desktop: str, machine: str, body: str) -> bool:
        try:
            self.request(desktop, "PUT", f"machines/{machine}/inventory", body)
        except requests.RequestException as error:
            if error.response is not None and error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return False
        return True

    def _answers(self, name: str) -> bool:
        try:
            return bool(self.request(name, "GET", "live"))
        except requests.RequestException:
            return False

    # ---- the work

    def left(self) -> int:
        """Programs that are not matched."""
        with self.database.reading() as connection:
            return MatchingRepository(connection).count_due()

    def wait_until_matching(self, host: str) -> None:
        """Wait until a worker of the host matches."""

        def is_matching() -> bool:
            with self.database.reading() as connection:
                busy = [run.worker or "" for run in RunRepository(connection).started() if run.name == TaskName.MATCH]
                return any(f"@{host}:" in worker for worker in busy)

        wait_until(is_matching, f"{host} matches", PATIENCE_S)

    def is_matched(self) -> bool:
        return self.is_idle() and self.left() == 0

    def is_idle(self) -> bool:
        """Whether no matching is requested or runs."""
        with self.database.reading() as connection:
            runs = RunRepository(connection)
            return all(run.name != TaskName.MATCH for run in (*runs.waiting(), *runs.started()))

    def wait_until_matched(self) -> None:
        try:
            wait_until(self.is_matched, "all is matched", PATIENCE_S)
        except AssertionError:
            print(self.log.read_text(encoding="utf-8")[-20_000:])
            raise

    # ---- updates

    def finish_updates(self) -> list[str]:
        """End the updates that run, and return the ids of those that a worker has begun, one for each time."""
        for desktop in DESKTOPS:
            (self.home(desktop) / "finish").touch()
        wait_until(lambda: not self._active_updates(), "no update is active", PATIENCE_S)
        return [line.split()[1] for line in self._played() if line.startswith("begun ")]

    def let_updates_be_due(self) -> int:
        """Let the scheduled update be due, and return how many there were a few rounds later."""
        before = len(self._played())
        entry = schedule_entries.c
        with self.database.transaction() as connection:
            due = update(schedule_entries).where(entry.task == TaskName.UPDATE)
            connection.execute(due.values(next_run_at=utc_now() - timedelta(minutes=10)))
        wait_until(lambda: len(self._played()) > before and not self._active_updates(), "it is updated", PATIENCE_S)
        time.sleep(5)
        return sum(line.startswith("begun ") for line in self._played()[before:])

    def _active_updates(self) -> bool:
        with self.database.reading() as connection:
            return RunRepository(connection).active(UPDATE_GROUP) is not None

    def _played(self) -> list[str]:
        files = [self.home(desktop) / "played.txt" for desktop in DESKTOPS]
        return [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]


@contextmanager
def team(broker_program: str = "redis-server") -> Iterator[Team]:
    """A team without any processes of ours; the calling thread is on the servers' host."""
    with ExitStack() as stack:
        hosts = stack.enter_context(network(["servers", *WORKERS, *DESKTOPS]))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="openthreat-team-")))
        folder.chmod(0o755)  # PostgreSQL runs as another user
        stack.enter_context(hosts["servers"].inside())
        made = Team(folder, hosts, broker_program)
        stack.callback(made.broker.stop)
        stack.callback(made.postgres.stop)
        stack.callback(made.database.close)
        stack.callback(_end, hosts.values())
        yield made


def _end(hosts: Iterable[Host]) -> None:
    for host in hosts:
        host.lose_power()


def outcome(database: Database) -> Outcome:
    """All that follows from the inventories, without times and numbers; what is doubled is there twice."""
    place = machines.c.number == findings.c.machine
    of_program = programs.c.id == findings.c.program_id
    match = program_matches.c
    queries = {
        "installed": select(machines.c.id, programs.c.digest)
        .join_from(machine_programs, machines, machines.c.number == machine_programs.c.machine)
        .join(programs, programs.c.id == machine_programs.c.program_id),
        "findings": select(machines.c.id, programs.c.digest, findings.c.cve_id, findings.c.state)
        .join_from(findings, machines, place)
        .join(programs, of_program),
        "history": select(machines.c.id, programs.c.digest, findings.c.cve_id, finding_history.c.state)
        .join_from(finding_history, findings, findings.c.id == finding_history.c.finding_id)
        .join(machines, place)
        .join(programs, of_program),
        "matches": select(
            programs.c.digest, programs.c.product, match.cve_id, match.verdict, match.reason, match.fixed_in
        ).join_from(program_matches, programs, programs.c.id == match.program_id),
        "events": select(events.c.kind, events.c.cve_id, events.c.machine, events.c.is_mine),
    }
    with database.reading() as connection:
        return {name: sorted(map(tuple, connection.execute(query))) for name, query in queries.items()}
