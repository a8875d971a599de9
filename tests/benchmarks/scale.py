"""Match a fleet with 1, 2 and 3 worker hosts on one database: `python -m tests.benchmarks scale --machines 2000`.

The hosts are network namespaces of this machine and share its processors. So the processor time of workers and database
is printed as well: from that follows what hosts of their own would do.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

import psutil
import psycopg2
from sqlalchemy import delete, func, select, update

from backend.contract.names import TaskName, Trigger
from backend.contract.wire import utc_now
from backend.services.exposure.matching_run import request_matching
from backend.store.exposure_tables import (
    events,
    finding_history,
    findings,
    machine_programs,
    program_matches,
    program_products,
    programs,
)
from backend.store.tables import task_runs
from tests.fakes.fleet import Fleet, fleet
from tests.servers import emptied_redis
from tests.system.hosts import NoNamespaces
from tests.system.scale_out import DESKTOPS, WITHOUT_MATCHING, WORKERS, Team, team

SETTLE_S, REST_S = 15.0, 30.0
_COMMITTED = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"


@dataclass(frozen=True)
class Measured:
    """Seconds of one matching: by the clock, and of processors."""

    workers: int
    passed: float
    of_workers: float
    of_database: float

    def line(self, single: Measured, found: int, different: int) -> str:
        return (
            f"{self.workers} workers: {self.passed:.1f} s, {single.passed / self.passed:.2f} of the throughput of one;"
            f" {different / self.passed:,.0f} programs/s, {found / self.passed:,.0f} findings/s; processor time"
            f" {self.of_workers:.1f} s of workers, {self.of_database:.1f} s of the database"
        )


def report(machines: int) -> None:
    try:
        with team() as hosts:
            _report(hosts, fleet(machines))
    except NoNamespaces as error:
        print(error)


def _report(hosts: Team, pcs: Fleet) -> None:
    flaws = pcs.fill(hosts.database, utc_now())
    print(_at_rest(hosts), flush=True)
    hosts.start_desktop(DESKTOPS[0])
    sent = _send(hosts, pcs)
    with hosts.database.reading() as connection:
        installed, different = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (machine_programs, programs)
        )
    print(
        f"{pcs.machines:,} machines, {installed:,} programs, {different:,} different ones, {flaws:,} vulnerabilities;"
        f" {sent / pcs.machines * 1000:.0f} ms an inventory",
        flush=True,
    )
    single: Measured | None = None
    for workers in range(1, len(WORKERS) + 1):
        measured = _match(hosts, WORKERS[:workers])
        single = single or measured
        with hosts.database.reading() as connection:
            found = connection.execute(select(func.count()).select_from(findings)).scalar_one()
        print(f"{found:,} findings; {measured.line(single, found, different)}", flush=True)
    print(_sizes(hosts), flush=True)


def _at_rest(hosts: Team) -> str:
    """What all services of a desktop cost the database while nothing happens."""
    resting = hosts.hosts[DESKTOPS[1]]
    hosts.start_desktop(resting.name, (*WITHOUT_MATCHING, "worker -Q fast"), "desktop")
    time.sleep(SETTLE_S)
    server = psutil.Process(hosts.postgres.process.pid)
    (before,) = _query(hosts, _COMMITTED)
    taken = _with_children(server)
    time.sleep(REST_S)
    (after,) = _query(hosts, _COMMITTED)
    (connections,) = _query(hosts, f"SELECT count(*) FROM pg_stat_activity WHERE client_addr = '{resting.address}'")
    used = (_with_children(server) - taken) / REST_S
    resting.stop()
    return (
        f"the services of a desktop at rest: {connections} connections, {(after - before) / REST_S:.1f} transactions/s,"
        f" {used:.2%} of a processor of the database"
    )


def _sizes(hosts: Team) -> str:
    tables = ("findings", "program_matches", "machine_programs", "programs")
    rows = (_query(hosts, f"SELECT pg_total_relation_size('{name}') / count(*) FROM {name}") for name in tables)
    return ", ".join(f"{name} {size:,} bytes a row" for name, (size,) in zip(tables, rows, strict=True))


def _query(hosts: Team, query: str) -> tuple[int, ...]:
    with closing(psycopg2.connect(hosts.postgres.url())) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        (row,) = cursor.fetchall()
        return tuple(int(value) for value in row)


def _send(hosts: Team, pcs: Fleet) -> float:
    """Send all inventories by one desktop, and return the seconds that it took."""
    inventories = list(pcs.inventories())
    started = time.perf_counter()
    hosts.send(inventories, DESKTOPS[:1])
    return time.perf_counter() - started


def _match(hosts: Team, names: Sequence[str]) -> Measured:
    """Match everything anew with new workers on these hosts."""
    _forget_matches(hosts)
    hosts.start_workers(dict.fromkeys(names, 0.0))
    busy = [process for name in names for process in hosts.hosts[name].processes]
    server = psutil.Process(hosts.postgres.process.pid)
    before = _processor_time(process.pid for process in busy), _with_children(server)
    started = time.perf_counter()
    with hosts.database.transaction() as connection:
        request_matching(connection, Trigger.API, utc_now())
    hosts.wait_until_matched()
    passed = time.perf_counter() - started
    after = _processor_time(process.pid for process in busy), _with_children(server)
    for name in names:
        hosts.hosts[name].stop()
    return Measured(len(names), passed, after[0] - before[0], after[1] - before[1])


def _forget_matches(hosts: Team) -> None:
    emptied_redis(hosts.broker.address, 0)
    with hosts.database.transaction() as connection:
        connection.execute(delete(task_runs).where(task_runs.c.name == TaskName.MATCH))
        for table in (events, finding_history, findings, program_matches, program_products):
            connection.execute(delete(table))
        connection.execute(
            update(programs).values(
                matched=0, product=None, resolution=None, is_certain=False, products_seen=0, not_affected=0
            )
        )
    with closing(psycopg2.connect(hosts.postgres.url())) as server:
        server.autocommit = True
        server.cursor().execute("VACUUM ANALYZE")


def _processor_time(pids: Iterable[int]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(taken.user + taken.system for taken in times)


def _with_children(server: psutil.Process) -> float:
    """The processor time of a server: of its processes, and of those that have ended."""
    own = server.cpu_times()
    ended = own.user + own.system + own.children_user + own.children_system
    return ended + _processor_time(child.pid for child in server.children())
