"""What there is of Docker on this machine: for the page of the first start, and for the settings.

Whether the two servers answer, asked at their own ports: Docker's port opens before they do, and is cheap to ask.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.contract.problems import Problem
from backend.contract.stack import DockerAccess
from desktop.host.commands import start_detached
from desktop.stack import StackAway
from desktop.stack.docker.cli import DockerCli, docker_desktop, docker_program, engine_process_runs
from desktop.stack.docker.states import DockerState, problem_of, state_of

Find = Callable[[], Sequence[str] | None]


@dataclass(frozen=True)
class Survey:
    """state READY: it can be used, trouble is None. version: of the engine, empty where it is unknown."""

    state: DockerState
    problem: Problem | None = None
    version: str = ""


def find_docker() -> Sequence[str] | None:
    program = docker_program()
    return (str(program),) if program else None


def survey(find: Find = find_docker) -> Survey:
    """May wait half a minute for a Docker that hangs, else a fraction of a second. From any thread; changes nothing."""
    docker = find()
    if docker is None:
        return _found(DockerState.NOT_INSTALLED)
    engine = DockerCli(docker, Path.home())
    answer, compose = engine.version(), engine.compose_version()
    if compose.code != 0:
        return _found(DockerState.NO_COMPOSE)
    if answer.code != 0:
        return _found(settled(state_of(answer)), answer.text)
    version, _, kind = (answer.lines[-1] if answer.lines else "").partition(" ")
    return _found(DockerState.WINDOWS_CONTAINERS) if kind == "windows" else Survey(DockerState.READY, version=version)


def settled(state: DockerState) -> DockerState:
    """An engine that does not answer while something of it runs is on its way."""
    return DockerState.ENGINE_STARTING if state is DockerState.NOT_RUNNING and engine_process_runs() else state


def start_docker_desktop() -> None:
    """Does not wait for it. Raises StackAway where it is not installed or cannot be started."""
    command = docker_desktop()
    if command is None:
        raise StackAway(problem_of(DockerState.NOT_INSTALLED))
    try:
        start_detached(command)
    except OSError as error:
        raise StackAway(problem_of(DockerState.NOT_RUNNING, str(error))) from error


def _found(state: DockerState, detail: str = "") -> Survey:
    return Survey(state, problem_of(state, detail, desktop_installed=docker_desktop() is not None))


_WAIT_S = 2.0
_PROTOCOL_3 = 196608
_STARTUP = b"user\0openthreat\0database\0openthreat\0\0"
_NOT_NOW = b"C57P03\0"  # cannot_connect_now: starting up, shutting down


def servers_answer(access: DockerAccess) -> bool:
    return postgres_answers(access.postgres_port) and redis_answers(
        access.redis_port, access.redis_password.get_secret_value()
    )


def postgres_answers(port: int) -> bool:
    """It asks for a password, or has another reason than being on its way up or down."""
    reply = _asked(port, struct.pack("!II", len(_STARTUP) + 8, _PROTOCOL_3) + _STARTUP)
    return reply[:1] == b"R" or (reply[:1] == b"E" and _NOT_NOW not in reply)


def redis_answers(port: int, password: str) -> bool:
    """It takes the password, so it is ours, and has read its data."""
    return b"+PONG" in _asked(port, f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())


def _asked(port: int, question: bytes) -> bytes:
    """Empty: no answer. Reads until the server has said enough."""
    reply = b""
    try:
        with socket.create_connection(("127.0.0.1", port), _WAIT_S) as connection:
            connection.sendall(question)
            while part := connection.recv(4096):
                reply += part
                if reply[:1] in (b"R", b"E") or reply.count(b"\r\n") >= 2:
                    break
    except OSError:
        return b""
    return reply
