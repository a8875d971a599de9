"""Cases that need a real engine: it stops and starts again, and an image is missing."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from backend.config import load_settings
from backend.contract.stack import project_of, read_docker_access
from desktop.assets import COMPOSE_FILE
from desktop.stack import StackUnavailable
from desktop.stack.docker.detection import detect_docker
from desktop.stack.docker.stack import DockerStack
from desktop.stack.docker.states import DockerState
from tests.docker import ENGINE, RealDocker, brought_up, with_ports_of_its_own
from tests.integration.stack.registry import Registry, lay_out
from tests.servers import free_port, wait_until

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
    found = detect_docker(docker.find)
    assert (found.state, found.problem) == (DockerState.READY, None)
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
    with pytest.raises(StackUnavailable) as away:
        stack.check()
    assert away.value.problem.title in ("Docker was stopped", "Docker is starting")
    subprocess.run([ENGINE, "up"], check=True)
    brought_up(stack)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept")
    connection.close()


def test_a_missing_image_is_fetched_and_said_where_that_fails(
    home: Path, docker: RealDocker, tmp_path: Path, names_at_a_registry: tuple[int, Path, tuple[str, ...]]
) -> None:
    port, compose_file, names = names_at_a_registry
    docker.run("save", "--output", str(tmp_path / "images.tar"), *names)
    docker.run("rmi", *names)
    seconds = itertools.count(step=10)  # it retries after minutes only
    stack = DockerStack(home, lambda: True, docker.find, clock=lambda: float(next(seconds)), compose_file=compose_file)
    titles = _titles_until(stack, "The images cannot be downloaded")
    assert "Downloading PostgreSQL and Redis" in titles
    lay_out(tmp_path / "images.tar", tmp_path / "images")
    registry = Registry(port, tmp_path / "images")
    try:
        titles = _titles_until(stack, "")
    finally:
        registry.stop()
    assert "Downloading PostgreSQL and Redis" in titles
    stack.check()


@pytest.fixture
def names_at_a_registry(docker: RealDocker, tmp_path: Path) -> Iterator[tuple[int, Path, tuple[str, ...]]]:
    """Return the port of a registry that does not run yet, a compose file with its images, and their names."""
    port, text = free_port(), COMPOSE_FILE.read_text(encoding="utf-8")
    images = tuple(re.findall(r"^ +image: (\S+)$", text, re.MULTILINE))
    names = tuple(f"127.0.0.1:{port}/{image}" for image in images)
    for image, name in zip(images, names, strict=True):
        docker.run("tag", image, name)
        text = text.replace(f"image: {image}", f"image: {name}")
    compose_file = tmp_path / COMPOSE_FILE.name
    compose_file.write_text(text, encoding="utf-8")
    yield port, compose_file, names
    docker.run("rmi", "--force", *names)


def _titles_until(stack: DockerStack, title: str) -> list[str]:
    """Return the titles of all problems until this one appears; empty: until there is none."""
    titles: list[str] = []

    def came() -> bool:
        try:
            stack.bring_up()
        except StackUnavailable as error:
            titles.append(error.problem.title)
            return error.problem.title == title
        return not title

    wait_until(came, f"{title or 'it is up'}, after {titles}", 120)
    return titles


def test_every_role_finds_the_servers(home: Path, docker: RealDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_STACK", "docker")
    access = read_docker_access(home)
    assert access is not None
    settings = load_settings()
    assert (settings.database_url, settings.broker_url) == (access.database_url, access.redis_url)
