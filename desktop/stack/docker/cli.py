"""The docker program, asked about the containers of one data folder. No password is ever on its command line.

Where Docker is on this machine, if it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.contract.stack import STACK_FILE
from desktop.host.commands import Command, CommandResult, run

COMPOSE_FILE = Path(__file__).resolve().parents[3] / "docker-compose.yml"
_UNIX_FOLDERS = ("/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/docker-desktop/bin")
_ENGINES = ("Docker Desktop.exe", "com.docker.backend.exe", "com.docker.backend", "dockerd", "dockerd.exe")


def docker_program() -> Path | None:
    """The docker program. Never one that happens to lie in the current folder, where Windows looks first."""
    found = shutil.which("docker")
    if found and Path(found).is_absolute():
        return Path(found)
    return next((path for path in _usual_programs() if path.is_file()), None)


def docker_desktop() -> tuple[str, ...] | None:
    """The command that starts Docker Desktop; None where it is not installed."""
    for folder in _windows_folders():
        if (program := folder / "Docker Desktop.exe").is_file():
            return (str(program),)
    systemctl = shutil.which("systemctl", path="/usr/bin:/bin")
    if systemctl and Path("/opt/docker-desktop/bin/com.docker.backend").is_file():
        return systemctl, "--user", "start", "docker-desktop"
    return None


def engine_process_runs() -> bool:
    """Something of Docker's engine runs, which may still be on its way. Looks at all processes, so ask seldom."""
    return any(process.info["name"] in _ENGINES for process in psutil.process_iter(["name"]))


def _usual_programs() -> Iterator[Path]:
    """Programs that are started by a desktop may lack the search path of a shell."""
    for folder in _windows_folders():
        yield folder / "resources" / "bin" / "docker.exe"
    for name in _UNIX_FOLDERS:
        yield Path(name) / "docker"


def _windows_folders() -> Iterator[Path]:
    """Installed for everybody, or for one user."""
    for variable, below in (("ProgramFiles", "Docker/Docker"), ("LOCALAPPDATA", "Programs/DockerDesktop")):
        if folder := os.environ.get(variable):
            yield Path(folder) / below


_ASK_S, _STOP_S = 15.0, 30.0
_NOT_STARTED = 127  # as a shell says it
_OURS = ("COMPOSE_", "OPENTHREAT_")  # a variable of the shell would win over the file's


@dataclass(frozen=True)
class DockerContainer:
    """state: running, exited, created, ...; health: healthy, unhealthy, starting, or empty where it does not run."""

    service: str
    state: str
    health: str

    @property
    def well(self) -> bool:
        return self.state == "running" and self.health != "unhealthy"


class DockerCli:
    """docker: the words that start the docker program, an absolute path first.

    `up` and `fetch` raise OSError where they do not start it.
    """

    def __init__(self, docker: Sequence[str], home: Path, compose_file: Path = COMPOSE_FILE) -> None:
        self._docker, self._home, self._compose_file = tuple(docker), home, compose_file
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self._environment = {**kept, "DOCKER_CLI_HINTS": "false"}

    def version(self) -> CommandResult:
        """The engine's version and its kind of containers, in one line."""
        return self._ask("version", "--format", "{{.Server.Version}} {{.Server.Os}}")

    def compose_version(self) -> CommandResult:
        return self._ask("compose", "version", "--short")

    def volume_exists(self, name: str) -> CommandResult:
        """Says its name where it is."""
        return self._ask("volume", "ls", "--quiet", "--filter", f"name=^{name}$")

    def up(self, project: str) -> Command:
        """Not with --wait: its word comes with the health checks, every 30 s; the servers themselves answer sooner."""
        return self._begin(*self._compose(project), "up", "--detach", "--pull", "never")

    def fetch(self) -> Command:
        return self._begin("compose", "--file", str(self._compose_file), "pull")

    def stop(self, project: str) -> CommandResult:
        return self._ask(*self._compose(project), "stop", timeout_s=_STOP_S)

    def containers(self, project: str) -> CommandResult:
        return self._ask(*self._compose(project), "ps", "--all", "--format", "json")

    def log(self, project: str, service: str) -> CommandResult:
        """The last lines that a container wrote."""
        return self._ask(*self._compose(project), "logs", "--no-color", "--no-log-prefix", "--tail", "5", service)

    def _compose(self, project: str) -> tuple[str, ...]:
        file = str(self._home / STACK_FILE)
        return "compose", "--project-name", project, "--env-file", file, "--file", str(self._compose_file)

    def _begin(self, *words: str) -> Command:
        return Command((*self._docker, *words), self._environment, self._home)

    def _ask(self, *words: str, timeout_s: float = _ASK_S) -> CommandResult:
        try:
            return run((*self._docker, *words), self._environment, self._home, timeout_s)
        except (OSError, ValueError) as error:  # it was there a moment ago
            return CommandResult(_NOT_STARTED, (str(error),))


def containers_in(outcome: CommandResult) -> tuple[DockerContainer, ...]:
    """One object a line; versions before 2.21 print one list. What cannot be read is left out."""
    found: list[DockerContainer] = []
    for line in outcome.lines:
        if line.startswith(("{", "[")):
            try:
                read = json.loads(line)
            except json.JSONDecodeError:
                continue
            found += [_container(one) for one in (read if isinstance(read, list) else [read])]
    return tuple(found)


def _container(one: dict[str, object]) -> DockerContainer:
    return DockerContainer(
        str(one.get("Service", "")), str(one.get("State", "")).lower(), str(one.get("Health", "")).lower()
    )
