"""Only a real engine shows these: it stops and starts again, and an image is not there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from backend.config import load_settings
from backend.contract.stack import project_of, read_docker_access
from desktop.stack.docker.stack import DockerStack
from desktop.stack.docker.states import State
from desktop.stack.docker.survey import survey
from desktop.stack.interface import StackAway
from tests.docker import ENGINE, RealDocker, brought_up, with_ports_of_its_own
from tests.servers import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("docker")]

ENGINE_PID = Path.home() / ".cache" / "openthreat-docker" / "dockerd.pid"


@pytest.fixture
def docker(home: Path) -> Iterator[RealDocker]:
    found = RealDocker()
    with_ports_of_its_own(home)
    yield found
    subprocess.run([ENGINE, "up"], check=True)
    found.remove(project_of(home))


def test_the_engine_is_surveyed(docker: RealDocker) -> None:
    found = survey(docker.find)
    assert (found.state, found.trouble) == (State.READY, None)
    assert found.version


def test_what_was_stored_is_there_after_the_engine_restarted(home: Path, docker: RealDocker) -> None:
    stack = DockerStack(home, lambda: True, docker.find)
    brought_up(stack)
    access = read_docker_access(home)
    assert access is not None
    url = access.database_url.replace("+psycopg2", "")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int)")
    connection.close()
    subprocess.run([ENGINE, "down"], check=True)
    wait_until(lambda: not ENGINE_PID.exists(), "the engine is gone", 60)
    with pytest.raises(StackAway) as away:
        stack.check()
    assert away.value.trouble.title in ("Docker was stopped", "Docker is starting")
    subprocess.run([ENGINE, "up"], check=True)
    brought_up(stack)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
    connection.close()


def test_a_missing_image_is_fetched_and_said_where_that_fails(home: Path, docker: RealDocker) -> None:
    docker.run("tag", "redis:7.2.15-alpine", "kept-for-the-test")
    docker.run("rmi", "redis:7.2.15-alpine")
    told: list[str] = []

    def fails() -> bool:
        try:
            stack.bring_up()
        except StackAway as error:
            told.append(error.trouble.title)
        return "The images cannot be downloaded" in told

    stack = DockerStack(home, lambda: True, docker.find)
    try:
        wait_until(fails, "it is said", 60)
        assert "Downloading PostgreSQL and Redis" in told
    finally:
        docker.run("tag", "kept-for-the-test", "redis:7.2.15-alpine")
        docker.run("rmi", "kept-for-the-test")


def test_every_role_finds_the_servers(home: Path, docker: RealDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_STACK", "docker")
    access = read_docker_access(home)
    assert access is not None
    settings = load_settings()
    assert (settings.database_url, settings.broker_url) == (access.database_url, access.redis_url)
