"""Several hosts share a database and a broker, and one of them fails: the findings are those of one quiet worker."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from backend.config import Settings
from backend.contract.wire import utc_now
from backend.services.exposure.inventories import store_inventory
from backend.services.exposure.matching_run import match_inventory
from backend.store.engine import Database
from tests.fakes.fleet import Fleet, fleet
from tests.fakes.sources import CountingRun
from tests.servers import PostgresServer
from tests.system.hosts import NoNamespaces
from tests.system.scale_out import DESKTOPS, WORKERS, Outcome, Team, outcome, team

pytestmark = [pytest.mark.system, pytest.mark.servers, pytest.mark.full, pytest.mark.timeout(3600)]

MACHINES = int(os.environ.get("OPENTHREAT_TEST_MACHINES", "60"))
RELEASES = 40  # many versions of each program: most of the programs are different ones
AWAY_S = 15.0  # longer than a heartbeat may stand still on these hosts
LATENCY_S = 0.2
BROKERS = ("redis-server", "valkey-server")

Fault = Callable[[Team], None]


@pytest.fixture(scope="module")
def pcs() -> Fleet:
    return fleet(MACHINES, RELEASES)


@pytest.fixture(scope="module")
def expected(pcs: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The outcome of one quiet worker on a database of its own."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('quiet') / 'quiet.db'}")
    database.prepare()
    pcs.fill(database, utc_now())
    with database.transaction() as connection:
        for machine, inventory in pcs.inventories():
            store_inventory(connection, machine, inventory, "", utc_now())
    match_inventory(Settings(), database, CountingRun(), utc_now)
    found = outcome(database)
    database.close()
    assert len(found["findings"]) > 10 * MACHINES
    assert found["events"]
    return found


@pytest.fixture(params=BROKERS)
def hosts(request: pytest.FixtureRequest, pcs: Fleet) -> Iterator[Team]:
    if not PostgresServer.available():
        pytest.skip("PostgreSQL is not installed here")
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed here")
    with ExitStack() as stack:
        try:
            made = stack.enter_context(team(request.param))
        except NoNamespaces as error:
            pytest.skip(str(error))
        pcs.fill(made.database, utc_now())
        yield made


def match_with(hosts: Team, pcs: Fleet, fault: Callable[[Team], None], slow: str = "") -> None:
    """Let all hosts work, let the fault happen while they match and inventories come, and wait for the end.

    Args:
        slow: A worker host whose line to the servers has a latency of 200 ms.
    """
    for desktop in DESKTOPS:
        hosts.start_desktop(desktop)
    task_ids = [hosts.request(desktop, "POST", "tasks/update-vulnerabilities")["task_id"] for desktop in DESKTOPS]
    hosts.start_workers({worker: LATENCY_S if worker == slow else 0.0 for worker in WORKERS})
    sending = threading.Thread(target=hosts.send, args=(list(pcs.inventories()),))
    sending.start()
    hosts.wait_until_matching(WORKERS[0])
    fault(hosts)
    sending.join()
    hosts.wait_until_matched()
    assert len(set(task_ids)) == 1, "both desktops got the same update"
    assert hosts.finish_updates() == [*set(task_ids)], "one update ran, once"


def nothing(_: Team) -> None:
    """The quiet case."""


def a_worker_host_loses_power(hosts: Team) -> None:
    hosts.hosts[WORKERS[0]].lose_power()


def a_worker_host_is_cut_off(hosts: Team) -> None:
    hosts.hosts[WORKERS[0]].cut_off()
    time.sleep(AWAY_S)
    hosts.hosts[WORKERS[0]].connect()


def the_broker_is_restarted(hosts: Team) -> None:
    hosts.broker.stop()
    hosts.broker.start()


def the_database_is_away(hosts: Team) -> None:
    hosts.postgres.stop()
    time.sleep(AWAY_S)
    hosts.postgres.start()


FAULTS = [nothing, a_worker_host_loses_power, a_worker_host_is_cut_off, the_broker_is_restarted, the_database_is_away]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_ends_with_the_findings_of_a_quiet_worker(hosts: Team, pcs: Fleet, expected: Outcome, fault: Fault) -> None:
    match_with(hosts, pcs, fault)
    assert outcome(hosts.database) == expected


def test_a_slow_line_to_one_worker_changes_no_finding(hosts: Team, pcs: Fleet, expected: Outcome) -> None:
    match_with(hosts, pcs, nothing, slow=WORKERS[0])
    assert outcome(hosts.database) == expected


def test_clocks_that_are_minutes_apart_change_no_finding(hosts: Team, pcs: Fleet, expected: Outcome) -> None:
    for name, minutes in ((WORKERS[0], -5), (WORKERS[1], 5), (DESKTOPS[1], 5)):
        hosts.clock(name).jumps(timedelta(minutes=minutes))
    match_with(hosts, pcs, nothing)
    assert outcome(hosts.database) == expected
    assert hosts.let_updates_be_due() == 1, "by the clocks of both desktops one is due"
