"""Detects Docker on this machine, and checks whether PostgreSQL and Redis answer.

The servers are asked at their own ports with a minimal protocol exchange: Docker opens the ports before the servers are
ready, and this costs less than a docker command.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.contract.problems import Problem
from backend.contract.stack import DockerAccess
from backend.system.machine import home_folder
from desktop.host.commands import start_detached
from desktop.stack import StackUnavailable
from desktop.stack.docker.cli import DockerCli, docker_desktop, docker_program, engine_process_runs
from desktop.stack.docker.states import DockerState, problem_of, state_of

Find = Callable[[], Sequence[str] | None]


@dataclass(frozen=True)
class DockerDetection:
    """What was found of Docker.

    Attributes:
        problem: Why it cannot be used; None in state READY.
        version: Of the engine; empty if unknown.
    """

    state: DockerState
    problem: Problem | None = None
    version: str = ""


def find_docker() -> Sequence[str] | None:
    program = docker_program()
    return (str(program),) if program else None


def detect_docker(find: Find = find_docker) -> DockerDetection:
    """Find out whether Docker can be used. Takes a fraction of a second, up to half a minute if Docker hangs."""
    docker = find()
    if docker is None:
        return _detected(DockerState.NOT_INSTALLED)
    engine = DockerCli(docker, home_folder())
    version, compose = engine.version(), engine.compose_version()
    if compose.code != 0:
        return _detected(DockerState.NO_COMPOSE)
    if version.code != 0:
        return _detected(starting_if_process_runs(state_of(version)), version.text)
    number, _, system = (version.lines[-1] if version.lines else "").partition(" ")
    if system == "windows":
        return _detected(DockerState.WINDOWS_CONTAINERS)
    return DockerDetection(DockerState.READY, version=number)


def starting_if_process_runs(state: DockerState) -> DockerState:
    """An engine that does not answer is starting if one of its processes runs."""
    return DockerState.ENGINE_STARTING if state is DockerState.NOT_RUNNING and engine_process_runs() else state


def start_docker_desktop() -> None:
    """Start Docker Desktop without waiting for it.

    Raises:
        StackUnavailable: It is not installed or cannot be started.
    """
    command = docker_desktop()
    if command is None:
        raise StackUnavailable(problem_of(DockerState.NOT_INSTALLED))
    try:
        start_detached(command)
    except OSError as error:
        raise StackUnavailable(problem_of(DockerState.NOT_RUNNING, str(error))) from error


def _detected(state: DockerState, detail: str = "") -> DockerDetection:
    return DockerDetection(state, problem_of(state, detail, desktop_installed=docker_desktop() is not None))


_TIMEOUT_S = 2.0
_PROTOCOL_3 = 196608
_STARTUP = b"user\0openthreat\0database\0openthreat\0\0"
_CANNOT_CONNECT_NOW = b"C57P03\0"  # the server is starting up or shutting down


def servers_answer(access: DockerAccess) -> bool:
    return postgres_answers(access.postgres_port) and redis_answers(
        access.redis_port, access.redis_password.get_secret_value()
    )


def postgres_answers(port: int) -> bool:
    """Whether it requests a password, or refuses for another reason than starting up or shutting down."""
    reply = _exchange(port, struct.pack("!II", len(_STARTUP) + 8, _PROTOCOL_3) + _STARTUP)
    return reply[:1] == b"R" or (reply[:1] == b"E" and _CANNOT_CONNECT_NOW not in reply)


def redis_answers(port: int, password: str) -> bool:
    """Whether it accepts the password, so that it is the right server, and has loaded its data."""
    return b"+PONG" in _exchange(port, f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())


def _exchange(port: int, request: bytes) -> bytes:
    """Send a request and return the reply, or nothing if there is none."""
    reply = b""
    try:
        with socket.create_connection(("127.0.0.1", port), _TIMEOUT_S) as connection:
            connection.sendall(request)
            while part := connection.recv(4096):
                reply += part
                if reply[:1] in (b"R", b"E") or reply.count(b"\r\n") >= 2:
                    break
    except OSError:
        return b""
    return reply
