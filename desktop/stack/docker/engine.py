"""The docker program, asked about the containers of one data folder. No password is ever on its command line."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.contract.stack import STACK_FILE
from desktop.assets import COMPOSE_FILE
from desktop.host.commands import Command, Outcome, run

_ASK_S, _STOP_S = 15.0, 30.0
_NOT_STARTED = 127  # as a shell says it
_OURS = ("COMPOSE_", "OPENTHREAT_")  # a variable of the shell would win over the file's


@dataclass(frozen=True)
class Container:
    """state: running, exited, created, ...; health: healthy, unhealthy, starting, or empty where it does not run."""

    service: str
    state: str
    health: str

    @property
    def well(self) -> bool:
        return self.state == "running" and self.health != "unhealthy"


class Engine:
    """docker: the words that start the docker program, an absolute path first.

    `up` and `fetch` raise OSError where they do not start it.
    """

    def __init__(self, docker: Sequence[str], home: Path, compose_file: Path = COMPOSE_FILE) -> None:
        self._docker, self._home, self._compose_file = tuple(docker), home, compose_file
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self._environment = {**kept, "DOCKER_CLI_HINTS": "false"}

    def version(self) -> Outcome:
        """The engine's version and its kind of containers, in one line."""
        return self._ask("version", "--format", "{{.Server.Version}} {{.Server.Os}}")

    def compose_version(self) -> Outcome:
        return self._ask("compose", "version", "--short")

    def volume_exists(self, name: str) -> Outcome:
        """Says its name where it is."""
        return self._ask("volume", "ls", "--quiet", "--filter", f"name=^{name}$")

    def up(self, project: str) -> Command:
        """Not with --wait: its word comes with the health checks, every 30 s; the servers themselves answer sooner."""
        return self._begin(*self._compose(project), "up", "--detach", "--pull", "never")

    def fetch(self) -> Command:
        return self._begin("compose", "--file", str(self._compose_file), "pull")

    def stop(self, project: str) -> Outcome:
        return self._ask(*self._compose(project), "stop", timeout_s=_STOP_S)

    def containers(self, project: str) -> Outcome:
        return self._ask(*self._compose(project), "ps", "--all", "--format", "json")

    def log(self, project: str, service: str) -> Outcome:
        """The last lines that a container wrote."""
        return self._ask(*self._compose(project), "logs", "--no-color", "--no-log-prefix", "--tail", "5", service)

    def _compose(self, project: str) -> tuple[str, ...]:
        file = str(self._home / STACK_FILE)
        return "compose", "--project-name", project, "--env-file", file, "--file", str(self._compose_file)

    def _begin(self, *words: str) -> Command:
        return Command((*self._docker, *words), self._environment, self._home)

    def _ask(self, *words: str, timeout_s: float = _ASK_S) -> Outcome:
        try:
            return run((*self._docker, *words), self._environment, self._home, timeout_s)
        except (OSError, ValueError) as error:  # it was there a moment ago
            return Outcome(_NOT_STARTED, (str(error),))


def containers_in(outcome: Outcome) -> tuple[Container, ...]:
    """One object a line; versions before 2.21 print one list. What cannot be read is left out."""
    found: list[Container] = []
    for line in outcome.lines:
        if line.startswith(("{", "[")):
            try:
                read = json.loads(line)
            except json.JSONDecodeError:
                continue
            found += [_container(one) for one in (read if isinstance(read, list) else [read])]
    return tuple(found)


def _container(one: dict[str, object]) -> Container:
    return Container(str(one.get("Service", "")), str(one.get("State", "")).lower(), str(one.get("Health", "")).lower())
