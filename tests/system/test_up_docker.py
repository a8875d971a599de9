"""`openthreat up` on the Docker stack with a real engine: an update from fake feeds, and the stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from backend.contract.stack import project_of, read_docker_access
from desktop.stack.docker.detection import servers_answer
from tests.docker import RealDocker, with_ports_of_its_own
from tests.fakes.feed_server import FeedServer
from tests.servers import free_port
from tests.system.running import Up, alive

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("docker")]


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    docker = RealDocker()
    with_ports_of_its_own(home)
    with FeedServer() as feeds:
        running = Up(home, free_port(), OPENTHREAT_STACK="docker", **feeds.environment())
        yield running
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()
    docker.remove(project_of(home))


def test_an_update_runs_on_containers_and_quitting_stops_them(up: Up, home: Path) -> None:
    pids = set(up.all_run().values())
    assert up.types("update", "--wait").returncode == 0
    assert requests.get(f"{up.api}/vulnerabilities", timeout=10).json()["total"] > 0
    up.process.send_signal(signal.SIGTERM)
    assert up.ends(20) == 0
    assert alive(pids) == set()
    access = read_docker_access(home)
    assert access is not None
    assert not servers_answer(access)
