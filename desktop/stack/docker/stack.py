"""PostgreSQL and Redis in containers, brought up and kept up through the docker program.

No call blocks for long: what takes its time runs aside, and the next call looks how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.contract.stack import DockerAccess, project_of
from desktop.host.commands import Command, CommandResult
from desktop.stack import StackAway
from desktop.stack.docker.cli import COMPOSE_FILE, DockerCli, DockerContainer, containers_in, docker_desktop
from desktop.stack.docker.stack_file import make_access, read_access
from desktop.stack.docker.states import DockerState, problem_of, state_in, state_of
from desktop.stack.docker.survey import Find, find_docker, servers_answer, settled

_LOOK_S, _PAUSE_S = 2.0, 0.1
_UP_S, _FETCH_S = 180.0, 3600.0
_ANSWER_S = 25.0  # from containers that were started to servers that answer; afterwards their log is shown
_ASK_AGAIN_S = 8.0  # after a refusal: the docker program costs a tenth of a second of processor time
_FETCH_AGAIN_S = 300.0
_LOOK_CLOSER_S = 60.0
_NOBODY_THERE = (
    DockerState.NOT_RUNNING,
    DockerState.ENGINE_STARTING,
    DockerState.NO_PERMISSION,
    DockerState.NO_COMPOSE,
)


@dataclass(frozen=True)
class _Work:
    """A command that runs aside; until: when patience ends, on the steady clock."""

    state: DockerState
    command: Command
    until: float


class DockerStack:
    """stops: whether the containers are stopped when the program ends; find: the docker program's words.

    compose_file names the two images and how they run.
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
        self._work: _Work | None = None
        self._refused: StackAway | None = None
        self._ask_at = self._fetch_at = self._closer_at = 0.0
        self._started_at: float | None = None  # when the containers were
        self._was_up = False

    def bring_up(self) -> None:
        if self._refused is not None and self._clock() < self._ask_at:
            raise self._refused
        self._refused = None
        engine, access = self._engine(), self._access()
        if self._work is not None or self._started_at is None:
            self._go_on(engine, access)
        self._await_answers(engine, access)
        self._was_up, self._started_at = True, None
        self._closer_at = self._clock() + _LOOK_CLOSER_S

    def check(self) -> None:
        access = self._access()
        if servers_answer(access) and self._clock() < self._closer_at:
            return
        containers = self._containers(self._engine(), access)
        well = len([one for one in containers if one.well]) == 2
        if not well or not servers_answer(access):
            self._started_at = None
            raise self._unhealthy(self._engine(), access, containers)
        self._closer_at = self._clock() + _LOOK_CLOSER_S

    def take_down(self, *, closing: bool) -> None:
        if self._work is not None:
            self._work.command.abort()
        self._work = self._refused = self._started_at = None
        self._ask_at = self._fetch_at = 0.0
        self._was_up = False
        docker, access = self._find(), read_access(self._home)
        if docker is None or access is None or (closing and not self._stops()):
            return
        outcome = DockerCli(docker, self._home, self._compose_file).stop(access.project)
        if outcome.code != 0 and state_of(outcome) not in _NOBODY_THERE:
            raise self._away(state_of(outcome), outcome.text)

    def _engine(self) -> DockerCli:
        docker = self._find()
        if docker is None:
            raise self._refuse(DockerState.NOT_INSTALLED)
        return DockerCli(docker, self._home, self._compose_file)

    def _access(self) -> DockerAccess:
        """Made anew only where Docker has no data of this folder: passwords are never changed over a volume."""
        known = read_access(self._home)
        if known is not None:
            return known
        volume = f"{project_of(self._home)}_postgres"
        outcome = self._engine().volume_exists(volume)
        if outcome.code != 0:
            raise self._refuse_for(outcome)
        if volume in outcome.lines:
            raise self._refuse(DockerState.FILE_LOST, volume)
        return make_access(self._home)

    def _go_on(self, engine: DockerCli, access: DockerAccess) -> None:
        """Gives back control when the containers are started."""
        if self._work is None:
            self._work = self._begin(DockerState.STARTING, engine.up, access.project)
        work = self._work
        outcome = work.command.wait(_LOOK_S)
        if outcome is None:
            raise self._unfinished(work)
        self._work = None
        state = state_of(outcome)
        if work.state is DockerState.FETCHING and state is not DockerState.READY:
            raise self._refuse(
                DockerState.IMAGE_MISSING if state is DockerState.BROKEN else settled(state), _last(outcome)
            )
        if state is DockerState.IMAGE_MISSING and self._clock() >= self._fetch_at:
            self._fetch_at = self._clock() + _FETCH_AGAIN_S
            self._work = self._begin(DockerState.FETCHING, lambda _: engine.fetch(), access.project)
            raise self._away(DockerState.FETCHING)
        if state is not DockerState.READY:
            raise self._refuse_for(outcome)
        if work.state is DockerState.FETCHING:
            raise self._away(DockerState.STARTING)
        self._started_at = self._clock()

    def _begin(self, state: DockerState, start: Callable[[str], Command], project: str) -> _Work:
        patience = _FETCH_S if state is DockerState.FETCHING else _UP_S
        try:
            return _Work(state, start(project), self._clock() + patience)
        except (OSError, ValueError) as error:
            raise self._refuse(DockerState.BROKEN, str(error)) from error

    def _unfinished(self, work: _Work) -> StackAway:
        if self._clock() < work.until:
            return self._away(work.state, fetched(work.command.lines) if work.state is DockerState.FETCHING else "")
        work.command.abort()
        self._work = None
        return self._refuse(DockerState.NOT_ANSWERING)

    def _await_answers(self, engine: DockerCli, access: DockerAccess) -> None:
        until = self._clock() + _LOOK_S
        while not servers_answer(access):
            if self._clock() >= until:
                raise self._silent(engine, access)
            time.sleep(_PAUSE_S)

    def _silent(self, engine: DockerCli, access: DockerAccess) -> StackAway:
        containers = self._containers(engine, access)
        late = self._started_at is None or self._clock() - self._started_at >= _ANSWER_S
        if late or not all(one.well for one in containers):
            self._started_at = None  # started again at the next call
            return self._refused_with(self._unhealthy(engine, access, containers))
        return self._away(DockerState.STARTING)

    def _containers(self, engine: DockerCli, access: DockerAccess) -> tuple[DockerContainer, ...]:
        outcome = engine.containers(access.project)
        if outcome.code != 0:
            self._started_at = None
            raise self._refuse_for(outcome)
        return containers_in(outcome)

    def _unhealthy(self, engine: DockerCli, access: DockerAccess, containers: tuple[DockerContainer, ...]) -> StackAway:
        """With the last lines of the container's own log; a full disk is mostly told there only."""
        ill = next((one for one in containers if not one.well), None)
        if ill is None:
            return self._away(DockerState.UNHEALTHY, "It runs and does not answer." if containers else "It is gone.")
        log = engine.log(access.project, ill.service)
        state = DockerState.DISK_FULL if state_in(log.text) is DockerState.DISK_FULL else DockerState.UNHEALTHY
        return self._away(state, f"{ill.service} is {ill.health or ill.state}. Its log ends: {log.text}".strip())

    def _refuse_for(self, outcome: CommandResult) -> StackAway:
        state = settled(state_of(outcome))
        if state is DockerState.NOT_RUNNING and self._was_up:
            state = DockerState.STOPPED
        return self._refuse(state, outcome.text if state is DockerState.PORT_REFUSED else _last(outcome))

    def _refuse(self, state: DockerState, detail: str = "") -> StackAway:
        return self._refused_with(self._away(state, detail))

    def _refused_with(self, away: StackAway) -> StackAway:
        """It is told again, without asking, until it is time to ask again."""
        self._refused, self._ask_at = away, self._clock() + _ASK_AGAIN_S
        return away

    def _away(self, state: DockerState, detail: str = "") -> StackAway:
        return StackAway(problem_of(state, detail, desktop_installed=docker_desktop() is not None))


def fetched(lines: tuple[str, ...]) -> str:
    """How far a download is, from what `docker compose pull` prints."""
    done = sum(line.rstrip().endswith(("Pull complete", "Already exists")) for line in lines)
    parts = sum(line.rstrip().endswith("Pulling fs layer") for line in lines)
    return f"{done} of {max(parts, done)} parts are here." if parts else ""


def _last(outcome: CommandResult) -> str:
    """The line that says what went wrong comes last."""
    return next((line.strip() for line in reversed(outcome.lines) if line.strip()), "")
