"""The Docker stack: PostgreSQL and Redis in containers, started and monitored through the docker program.

No call blocks for long: a slow command runs in the background, and the next call checks its progress.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.contract.stack import DockerAccess, project_of
from desktop.assets import COMPOSE_FILE
from desktop.host.commands import CommandProcess, CommandResult
from desktop.stack import StackUnavailable
from desktop.stack.docker.cli import DockerCli, DockerContainer, docker_desktop, parse_containers
from desktop.stack.docker.detection import Find, find_docker, servers_answer, starting_if_process_runs
from desktop.stack.docker.stack_file import make_access, read_access
from desktop.stack.docker.states import DockerState, problem_of, state_in, state_of

_WAIT_S, _PAUSE_S = 2.0, 0.1
_UP_TIMEOUT_S, _FETCH_TIMEOUT_S = 180.0, 3600.0
_ANSWER_S = 25.0  # from the start of the containers until the servers must answer; afterwards their log is shown
_RETRY_S = 8.0  # after an error: each docker command costs 0.1 s of CPU time
_FETCH_RETRY_S = 300.0
_CONTAINER_CHECK_S = 60.0
_NOTHING_TO_STOP = (
    DockerState.NOT_RUNNING,
    DockerState.ENGINE_STARTING,
    DockerState.NO_PERMISSION,
    DockerState.NO_COMPOSE,
)


@dataclass(frozen=True)
class _RunningCommand:
    """A command in the background; `deadline` on the monotonic clock."""

    state: DockerState
    command: CommandProcess
    deadline: float


class DockerStack:
    """Implements `Stack`.

    Args:
        stops: Returns whether to stop the containers when the program ends.
        find: Returns the command that starts the docker program; None if it is not installed.
        compose_file: Defines the two images and how they run.
    """

    name = "docker"

    def __init__(
        self,
        home: Path,
        stops: Callable[[], bool],
        find: Find = find_docker,
        clock: Callable[[], float] = time.monotonic,
        compose_file: Path = COMPOSE_FILE,
    ) -> None:
        self._home, self._stops, self._find, self._clock = home, stops, find, clock
        self._compose_file = compose_file
        self._running: _RunningCommand | None = None
        self._last_error: StackUnavailable | None = None
        self._retry_at = self._next_fetch_at = self._next_container_check_at = 0.0
        self._started_at: float | None = None  # when the containers were started
        self._has_run = False

    def bring_up(self) -> None:
        if self._last_error is not None and self._clock() < self._retry_at:
            raise self._last_error
        self._last_error = None
        docker, access = self._docker(), self._access()
        if self._running is not None or self._started_at is None:
            self._continue_start(docker, access)
        self._wait_for_servers(docker, access)
        self._has_run, self._started_at = True, None
        self._next_container_check_at = self._clock() + _CONTAINER_CHECK_S

    def check(self) -> None:
        access = self._access()
        if servers_answer(access) and self._clock() < self._next_container_check_at:
            return
        containers = self._containers(self._docker(), access)
        healthy = len([container for container in containers if container.healthy]) == 2
        if not healthy or not servers_answer(access):
            self._started_at = None
            raise self._unhealthy(self._docker(), access, containers)
        self._next_container_check_at = self._clock() + _CONTAINER_CHECK_S

    def take_down(self, *, closing: bool) -> None:
        if self._running is not None:
            self._running.command.abort()
        self._running = self._last_error = self._started_at = None
        self._retry_at = self._next_fetch_at = 0.0
        self._has_run = False
        docker, access = self._find(), read_access(self._home)
        if docker is None or access is None or (closing and not self._stops()):
            return
        result = DockerCli(docker, self._home, self._compose_file).stop(access.project)
        if result.code != 0 and state_of(result) not in _NOTHING_TO_STOP:
            raise self._unavailable(state_of(result), result.text)

    def _docker(self) -> DockerCli:
        docker = self._find()
        if docker is None:
            raise self._error(DockerState.NOT_INSTALLED)
        return DockerCli(docker, self._home, self._compose_file)

    def _access(self) -> DockerAccess:
        """Read `stack.env`; create it only if Docker has no volume for this folder, whose passwords would not match."""
        known = read_access(self._home)
        if known is not None:
            return known
        volume = f"{project_of(self._home)}_postgres"
        result = self._docker().volume_exists(volume)
        if result.code != 0:
            raise self._error_of(result)
        if volume in result.lines:
            raise self._error(DockerState.FILE_LOST, volume)
        return make_access(self._home)

    def _continue_start(self, docker: DockerCli, access: DockerAccess) -> None:
        """Start the containers, or continue doing so; return when they are started."""
        if self._running is None:
            self._running = self._begin(DockerState.STARTING, docker.up, access.project)
        running = self._running
        result = running.command.wait(_WAIT_S)
        if result is None:
            raise self._unfinished(running)
        self._running = None
        state = state_of(result)
        if running.state is DockerState.FETCHING and state is not DockerState.READY:
            state = DockerState.IMAGE_MISSING if state is DockerState.BROKEN else starting_if_process_runs(state)
            raise self._error(state, _last_line(result))
        if state is DockerState.IMAGE_MISSING and self._clock() >= self._next_fetch_at:
            self._next_fetch_at = self._clock() + _FETCH_RETRY_S
            self._running = self._begin(DockerState.FETCHING, lambda _: docker.fetch(), access.project)
            raise self._unavailable(DockerState.FETCHING)
        if state is not DockerState.READY:
            raise self._error_of(result)
        if running.state is DockerState.FETCHING:
            raise self._unavailable(DockerState.STARTING)
        self._started_at = self._clock()

    def _begin(self, state: DockerState, start: Callable[[str], CommandProcess], project: str) -> _RunningCommand:
        timeout = _FETCH_TIMEOUT_S if state is DockerState.FETCHING else _UP_TIMEOUT_S
        try:
            return _RunningCommand(state, start(project), self._clock() + timeout)
        except (OSError, ValueError) as error:
            raise self._error(DockerState.BROKEN, str(error)) from error

    def _unfinished(self, running: _RunningCommand) -> StackUnavailable:
        if self._clock() < running.deadline:
            fetching = running.state is DockerState.FETCHING
            return self._unavailable(running.state, download_progress(running.command.lines) if fetching else "")
        running.command.abort()
        self._running = None
        return self._error(DockerState.NOT_ANSWERING)

    def _wait_for_servers(self, docker: DockerCli, access: DockerAccess) -> None:
        deadline = self._clock() + _WAIT_S
        while not servers_answer(access):
            if self._clock() >= deadline:
                raise self._servers_silent(docker, access)
            time.sleep(_PAUSE_S)

    def _servers_silent(self, docker: DockerCli, access: DockerAccess) -> StackUnavailable:
        containers = self._containers(docker, access)
        late = self._started_at is None or self._clock() - self._started_at >= _ANSWER_S
        if late or not all(container.healthy for container in containers):
            self._started_at = None  # the next call starts them again
            return self._keep_error(self._unhealthy(docker, access, containers))
        return self._unavailable(DockerState.STARTING)

    def _containers(self, docker: DockerCli, access: DockerAccess) -> tuple[DockerContainer, ...]:
        result = docker.containers(access.project)
        if result.code != 0:
            self._started_at = None
            raise self._error_of(result)
        return parse_containers(result)

    def _unhealthy(
        self, docker: DockerCli, access: DockerAccess, containers: tuple[DockerContainer, ...]
    ) -> StackUnavailable:
        """Quote the last lines of the container's log; a full disk is often reported only there."""
        failed = next((container for container in containers if not container.healthy), None)
        if failed is None:
            detail = "It runs but does not answer." if containers else "It was removed."
            return self._unavailable(DockerState.UNHEALTHY, detail)
        log = docker.log(access.project, failed.service)
        state = DockerState.DISK_FULL if state_in(log.text) is DockerState.DISK_FULL else DockerState.UNHEALTHY
        detail = f"{failed.service} is {failed.health or failed.state}. Its log ends: {log.text}".strip()
        return self._unavailable(state, detail)

    def _error_of(self, result: CommandResult) -> StackUnavailable:
        state = starting_if_process_runs(state_of(result))
        if state is DockerState.NOT_RUNNING and self._has_run:
            state = DockerState.STOPPED
        return self._error(state, result.text if state is DockerState.PORT_REFUSED else _last_line(result))

    def _error(self, state: DockerState, detail: str = "") -> StackUnavailable:
        return self._keep_error(self._unavailable(state, detail))

    def _keep_error(self, error: StackUnavailable) -> StackUnavailable:
        """Remember the error: `bring_up` raises it again, without calling docker, until the next try is due."""
        self._last_error, self._retry_at = error, self._clock() + _RETRY_S
        return error

    def _unavailable(self, state: DockerState, detail: str = "") -> StackUnavailable:
        return StackUnavailable(problem_of(state, detail, desktop_installed=docker_desktop() is not None))


def download_progress(lines: tuple[str, ...]) -> str:
    """Return the progress of a download, from the output of `docker compose pull`."""
    done = sum(line.rstrip().endswith(("Pull complete", "Already exists")) for line in lines)
    parts = sum(line.rstrip().endswith("Pulling fs layer") for line in lines)
    return f"{done} of {max(parts, done)} layers downloaded." if parts else ""


def _last_line(result: CommandResult) -> str:
    """Return the last line, which contains the error."""
    return next((line.strip() for line in reversed(result.lines) if line.strip()), "")
