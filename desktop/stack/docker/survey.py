"""What there is of Docker on this machine: for the page of the first start, and for the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.contract.problems import Trouble
from desktop.host.commands import start_detached
from desktop.stack.docker.engine import Engine
from desktop.stack.docker.places import docker_desktop, docker_program, engine_process_runs
from desktop.stack.docker.states import State, state_of
from desktop.stack.docker.troubles import trouble_of
from desktop.stack.interface import StackAway

Find = Callable[[], Sequence[str] | None]


@dataclass(frozen=True)
class Survey:
    """state READY: it can be used, trouble is None. version: of the engine, empty where it is unknown."""

    state: State
    trouble: Trouble | None = None
    version: str = ""


def find_docker() -> Sequence[str] | None:
    program = docker_program()
    return (str(program),) if program else None


def survey(find: Find = find_docker) -> Survey:
    """May wait half a minute for a Docker that hangs, else a fraction of a second. From any thread; changes nothing."""
    docker = find()
    if docker is None:
        return _found(State.NOT_INSTALLED)
    engine = Engine(docker, Path.home())
    answer, compose = engine.version(), engine.compose_version()
    if compose.code != 0:
        return _found(State.NO_COMPOSE)
    if answer.code != 0:
        return _found(settled(state_of(answer)), answer.text)
    version, _, kind = (answer.lines[-1] if answer.lines else "").partition(" ")
    return _found(State.WINDOWS_CONTAINERS) if kind == "windows" else Survey(State.READY, version=version)


def settled(state: State) -> State:
    """An engine that does not answer while something of it runs is on its way."""
    return State.ENGINE_STARTING if state is State.NOT_RUNNING and engine_process_runs() else state


def start_docker_desktop() -> None:
    """Does not wait for it. Raises StackAway where it is not installed or cannot be started."""
    command = docker_desktop()
    if command is None:
        raise StackAway.of(trouble_of(State.NOT_INSTALLED))
    try:
        start_detached(command)
    except OSError as error:
        raise StackAway.of(trouble_of(State.NOT_RUNNING, str(error))) from error


def _found(state: State, detail: str = "") -> Survey:
    return Survey(state, trouble_of(state, detail, desktop_installed=docker_desktop() is not None))
