"""The docker program: where it is installed, and the commands for the containers of one data folder.

No password is passed on a command line.
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
from desktop.assets import COMPOSE_FILE
from desktop.host.commands import CommandProcess, CommandResult, run

_UNIX_FOLDERS = ("/usr/bin", "/usr/local/bin", "/snap/bin", "/opt/docker-desktop/bin")
_ENGINES = ("Docker Desktop.exe", "com.docker.backend.exe", "com.docker.backend", "dockerd", "dockerd.exe")


def docker_program() -> Path | None:
    """Return the path of the docker program, but never one in the current folder, which Windows searches first."""
    found = shutil.which("docker")
    if found and Path(found).is_absolute():
        return Path(found)
    return next((path for path in _usual_programs() if path.is_file()), None)


def docker_desktop() -> tuple[str, ...] | None:
    """Return the command that starts Docker Desktop; None if it is not installed."""
    for folder in _windows_folders():
        if (program := folder / "Docker Desktop.exe").is_file():
            return (str(program),)
    systemctl = shutil.which("systemctl", path="/usr/bin:/bin")
    if systemctl and Path("/opt/docker-desktop/bin/com.docker.backend").is_file():
        return systemctl, "--user", "start", "docker-desktop"
    return None


def engine_process_runs() -> bool:
    """Whether a process of Docker's engine runs, even if it does not answer yet. Slow: lists all processes."""
    return any(process.info["name"] in _ENGINES for process in psutil.process_iter(["name"]))


def _usual_programs() -> Iterator[Path]:
    """Yield the usual paths: a program started by the desktop may lack the search path of a shell."""
    for folder in _windows_folders():
        yield folder / "resources" / "bin" / "docker.exe"
    for name in _UNIX_FOLDERS:
        yield Path(name) / "docker"


def _windows_folders() -> Iterator[Path]:
    """Yield the folders of installations for all users and for one user."""
    for variable, below in (("ProgramFiles", "Docker/Docker"), ("LOCALAPPDATA", "Programs/DockerDesktop")):
        if folder := os.environ.get(variable):
            yield Path(folder) / below


_TIMEOUT_S, _STOP_TIMEOUT_S = 15.0, 30.0
_NOT_STARTED = 127  # as a shell reports it
_REMOVED = ("COMPOSE_", "OPENTHREAT_")  # the environment would override the file


@dataclass(frozen=True)
class DockerContainer:
    """A container as listed by `docker compose ps`.

    Attributes:
        state: running, exited, created, ...
        health: healthy, unhealthy, starting, or empty while it does not run.
    """

    service: str
    state: str
    health: str

    @property
    def healthy(self) -> bool:
        return self.state == "running" and self.health != "unhealthy"


class DockerCli:
    """Runs docker commands for one data folder.

    Args:
        docker: The command that starts the docker program; its first word is an absolute path.

    Raises:
        OSError: `up` and `fetch` cannot start the docker program. The other commands return exit code 127 then.
    """

    def __init__(self, docker: Sequence[str], home: Path, compose_file: Path = COMPOSE_FILE) -> None:
        self._docker, self._home, self._compose_file = tuple(docker), home, compose_file
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_REMOVED)}
        self._environment = {**environment, "DOCKER_CLI_HINTS": "false"}

    def version(self) -> CommandResult:
        """Print the engine's version and operating system of its containers in one line."""
        return self._run("version", "--format", "{{.Server.Version}} {{.Server.Os}}")

    def compose_version(self) -> CommandResult:
        return self._run("compose", "version", "--short")

    def volume_exists(self, name: str) -> CommandResult:
        """Print the name of the volume if it exists."""
        return self._run("volume", "ls", "--quiet", "--filter", f"name=^{name}$")

    def up(self, project: str) -> CommandProcess:
        """Start the containers. Without --wait, which follows the 30 s health checks: the servers answer sooner."""
        return self._begin(*self._compose(project), "up", "--detach", "--pull", "never")

    def fetch(self) -> CommandProcess:
        return self._begin("compose", "--file", str(self._compose_file), "pull")

    def stop(self, project: str) -> CommandResult:
        return self._run(*self._compose(project), "stop", timeout_s=_STOP_TIMEOUT_S)

    def containers(self, project: str) -> CommandResult:
        return self._run(*self._compose(project), "ps", "--all", "--format", "json")

    def log(self, project: str, service: str) -> CommandResult:
        """Print the last lines of a container's log."""
        return self._run(*self._compose(project), "logs", "--no-color", "--no-log-prefix", "--tail", "5", service)

    def _compose(self, project: str) -> tuple[str, ...]:
        file = str(self._home / STACK_FILE)
        return "compose", "--project-name", project, "--env-file", file, "--file", str(self._compose_file)

    def _begin(self, *words: str) -> CommandProcess:
        return CommandProcess((*self._docker, *words), self._environment, self._home)

    def _run(self, *words: str, timeout_s: float = _TIMEOUT_S) -> CommandResult:
        try:
            return run((*self._docker, *words), self._environment, self._home, timeout_s)
        except (OSError, ValueError) as error:  # it was uninstalled meanwhile
            return CommandResult(_NOT_STARTED, (str(error),))


def parse_containers(result: CommandResult) -> tuple[DockerContainer, ...]:
    """Parse the output of `docker compose ps`: one object per line, before version 2.21 one list. Skips other lines."""
    found: list[DockerContainer] = []
    for line in result.lines:
        if line.startswith(("{", "[")):
            try:
                parsed = json.loads(line)
            except json.JSONDecodeError:
                continue
            found += [_container(row) for row in (parsed if isinstance(parsed, list) else [parsed])]
    return tuple(found)


def _container(row: dict[str, object]) -> DockerContainer:
    return DockerContainer(
        str(row.get("Service", "")), str(row.get("State", "")).lower(), str(row.get("Health", "")).lower()
    )
