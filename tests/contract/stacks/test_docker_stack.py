"""The Docker stack with a fake docker program and with the real engine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from backend.contract.problem_catalogue import Remedy
from backend.contract.stack import STACK_FILE, project_of, read_docker_access
from desktop.stack import StackUnavailable
from desktop.stack.docker.detection import servers_answer
from desktop.stack.docker.stack import DockerStack
from desktop.stack.docker.stack_file import use_other_ports
from tests.docker import Docker, brought_up, refusal
from tests.servers import wait_until


def stack_of(home: Path, docker: Docker, *, stops: bool = True) -> DockerStack:
    return DockerStack(home, lambda: stops, docker.find)


def answers(home: Path) -> bool:
    access = read_docker_access(home)
    assert access is not None
    return servers_answer(access)


def test_both_servers_answer_when_it_is_up_and_none_when_it_is_down(home: Path, docker: Docker) -> None:
    stack = stack_of(home, docker)
    brought_up(stack)
    assert answers(home)
    stack.check()
    stack.take_down(closing=True)
    wait_until(lambda: not answers(home), "the servers are gone")


def test_containers_may_outlive_the_program_and_are_adopted_by_the_next_start(home: Path, docker: Docker) -> None:
    stack = stack_of(home, docker, stops=False)
    brought_up(stack)
    stack.take_down(closing=True)
    assert answers(home)
    brought_up(stack_of(home, docker))
    stack.take_down(closing=False)
    wait_until(lambda: not answers(home), "stopped by hand, it stops whatever the settings say")


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_a_killed_container_is_noticed_and_comes_back(home: Path, docker: Docker, service: str) -> None:
    stack = stack_of(home, docker)
    brought_up(stack)
    docker.kill(project_of(home), service)
    wait_until(lambda: not answers(home), "it is gone")
    with pytest.raises(StackUnavailable) as away:
        stack.check()
    assert service in away.value.problem.message
    brought_up(stack)
    assert answers(home)


def test_passwords_stay_over_restarts(home: Path, docker: Docker) -> None:
    stack = stack_of(home, docker)
    brought_up(stack)
    before = (home / STACK_FILE).read_text(encoding="utf-8")
    stack.take_down(closing=True)
    brought_up(stack_of(home, docker))
    assert (home / STACK_FILE).read_text(encoding="utf-8") == before


def test_a_lost_file_is_never_made_anew_over_a_volume(home: Path, docker: Docker) -> None:
    brought_up(stack_of(home, docker))
    content = (home / STACK_FILE).read_bytes()
    (home / STACK_FILE).unlink()
    with pytest.raises(StackUnavailable) as away:
        stack_of(home, docker).bring_up()
    assert "missing" in away.value.problem.title
    assert project_of(home) in away.value.problem.message
    assert not (home / STACK_FILE).exists()
    (home / STACK_FILE).write_bytes(content)
    brought_up(stack_of(home, docker))


def test_a_taken_port_is_named_and_others_can_be_used(home: Path, docker: Docker) -> None:
    access = read_docker_access(home)
    assert access is not None
    stack = stack_of(home, docker)
    with socket.create_server(("127.0.0.1", access.redis_port)):
        problem = refusal(stack).problem
        assert problem.title == f"Port {access.redis_port} is taken"
        assert Remedy.USE_OTHER_PORTS in problem.remedies
        changed = use_other_ports(home)
        assert changed.redis_port != access.redis_port
        assert changed.redis_password == access.redis_password
        brought_up(stack_of(home, docker))
