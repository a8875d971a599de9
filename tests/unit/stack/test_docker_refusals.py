"""The Docker stack with a docker program that fails. The fake program passes the contract tests of the stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from backend.config import load_settings
from backend.contract.errors import ConfigurationError
from backend.contract.problem_catalogue import Remedy
from backend.contract.problems import Problem
from backend.contract.stack import STACK_FILE, project_of, read_docker_access
from desktop.stack import StackUnavailable
from desktop.stack.docker.detection import detect_docker
from desktop.stack.docker.stack import DockerStack
from desktop.stack.docker.stack_file import make_access, read_access, use_other_ports, write_access
from desktop.stack.docker.states import DockerState
from tests.docker import FakeDocker, refusal
from tests.servers import wait_until


@pytest.fixture
def docker(tmp_path: Path, home: Path) -> Iterator[FakeDocker]:
    found = FakeDocker(tmp_path / "docker")
    yield found
    found.remove(project_of(home))


def refused(stack: DockerStack) -> Problem:
    return refusal(stack).problem


def stack_of(home: Path, docker: FakeDocker) -> DockerStack:
    return DockerStack(home, lambda: True, docker.find)


def children_with(word: str) -> list[psutil.Process]:
    """Return the child processes with the word on their command line; a process that ends meanwhile is left out."""

    def words(child: psutil.Process) -> list[str]:
        with suppress(psutil.Error, OSError):  # Windows' own errors come through as they are
            return child.cmdline()
        return []

    return [child for child in psutil.Process().children(recursive=True) if word in words(child)]


def test_no_docker_program(home: Path) -> None:
    problem = refused(DockerStack(home, lambda: True, lambda: None))
    assert problem.title == "Docker is not installed"
    assert detect_docker(lambda: None).state is DockerState.NOT_INSTALLED


def test_a_full_disk(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(1, "write /var/lib/docker/x: no space left on device"))
    assert refused(stack_of(home, docker)).title == "The disk that Docker uses is full"


def test_an_unhealthy_container_is_shown_with_the_end_of_its_log(home: Path, docker: FakeDocker) -> None:
    make_access(home)
    row = json.dumps({"Service": "postgres", "State": "running", "Health": "unhealthy"})
    docker.refuse(up=(0, ""), ps=(0, row), logs=(0, "FATAL: the data are of version 12"))
    problem = refused(stack_of(home, docker))
    assert problem.title == "A container does not work"
    assert "postgres is unhealthy" in problem.message
    assert "of version 12" in problem.message


def test_a_full_disk_that_only_the_container_tells_of(home: Path, docker: FakeDocker) -> None:
    row = json.dumps({"Service": "postgres", "State": "exited", "Health": ""})
    docker.refuse(up=(0, ""), ps=(0, row), logs=(0, "FATAL: could not write: No space left on device"))
    assert refused(stack_of(home, docker)).title == "The disk that Docker uses is full"


def test_a_download_that_fails_is_said_and_not_repeated_at_once(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(1, "Error response from daemon: No such image: redis"), pull=(18, "toomanyrequests: slow down"))
    stack = stack_of(home, docker)
    assert refused(stack).title == "Downloading PostgreSQL and Redis"
    wait_until(lambda: refused(stack).title == "The images cannot be downloaded", "it is said")
    assert Remedy.FETCH_IMAGES in refused(stack).remedies
    assert "slow down" in refused(stack).message
    assert docker.commands().count(" pull") == 1


def test_a_download_is_cancelled_and_begun_anew_at_once(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(1, "Error response from daemon: No such image: redis"), pull=(0, "hang"))
    stack = stack_of(home, docker)
    problem = refused(stack)
    assert (problem.title, problem.remedies[0]) == ("Downloading PostgreSQL and Redis", Remedy.STOP_FETCHING)
    pulls = children_with("pull")
    assert pulls
    stack.take_down(closing=False)
    assert psutil.wait_procs(pulls, timeout=10)[1] == []
    assert refused(stack).title == "Downloading PostgreSQL and Redis"
    stack.take_down(closing=True)


def test_after_a_refusal_docker_is_left_alone_for_a_while(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(1, "yaml: line 3"))
    stack = stack_of(home, docker)
    assert refused(stack) == refused(stack)
    assert docker.commands().count(" up ") == 1


def test_no_password_is_on_a_command_line(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(1, "yaml: line 3"))
    refused(stack_of(home, docker))
    access = read_docker_access(home)
    assert access is not None
    for secret in (access.postgres_password, access.redis_password):
        assert secret.get_secret_value() not in docker.commands()
        assert secret.get_secret_value() not in repr(access)


def test_the_file_is_its_owners_only(home: Path) -> None:
    make_access(home)
    assert (home / STACK_FILE).stat().st_mode & 0o077 == 0 or (home / STACK_FILE).drive


def test_two_folders_have_different_projects_and_a_copied_file_is_noticed(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert make_access(home).project != make_access(other).project
    (other / STACK_FILE).write_bytes((home / STACK_FILE).read_bytes())
    with pytest.raises(StackUnavailable) as away:
        read_access(other)
    assert "another data folder" in away.value.problem.title


def test_a_role_without_the_file_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_STACK", "docker")
    with pytest.raises(ConfigurationError) as error:
        _ = load_settings().database_url
    assert "never started" in error.value.title
    assert "openthreat up" in error.value.hint


def test_a_damaged_file_is_not_quoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_STACK", "docker")
    (home / STACK_FILE).write_text("OPENTHREAT_POSTGRES_PASSWORD=hunter2\nOPENTHREAT_REDIS_PORT=x\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        _ = load_settings().broker_url
    assert "hunter2" not in str(error.value)


def test_whoever_quits_does_not_wait_for_docker(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(0, "hang"))
    stack = stack_of(home, docker)
    with pytest.raises(StackUnavailable, match="are starting"):
        stack.bring_up()
    started = children_with("up")
    assert started
    stack.take_down(closing=True)
    assert psutil.wait_procs(started, timeout=10)[1] == []


def test_patience_with_docker_has_an_end(home: Path, docker: FakeDocker) -> None:
    docker.refuse(up=(0, "hang"))
    clock = FakeClockTime()
    stack = DockerStack(home, lambda: True, docker.find, clock)
    with pytest.raises(StackUnavailable, match="are starting"):
        stack.bring_up()
    clock.now += 3600
    assert refused(stack).title == "Docker does not answer"


def test_other_ports_are_never_the_same_for_both(home: Path) -> None:
    access = make_access(home).model_copy(update={"postgres_port": 15001, "redis_port": 15000})
    write_access(home, access)
    changed = use_other_ports(home, lambda _, port: port != 15000)
    assert (changed.postgres_port, changed.redis_port) == (15001, 15002)


class FakeClockTime:
    now = 1000.0

    def __call__(self) -> float:
        return self.now
