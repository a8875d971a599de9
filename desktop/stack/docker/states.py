"""The states of Docker, recognised from messages of the docker program.

The patterns are words that are the same in every language: on Windows the system's own part of a message is translated.
The messages are from Docker 20 to 29 on Linux, and for Windows from Docker Desktop's issue tracker. The sentences and
the remedies of a state are those of the problem `docker-<state>`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import Problem, problem
from desktop.host import port_holder, port_is_free
from desktop.host.commands import CommandResult


class DockerState(StrEnum):
    READY = "ready"
    NOT_INSTALLED = "not-installed"
    NO_COMPOSE = "no-compose"
    NOT_RUNNING = "not-running"
    STOPPED = "stopped"  # it was stopped while the containers ran
    ENGINE_STARTING = "engine-starting"
    NOT_ANSWERING = "not-answering"
    NO_PERMISSION = "no-permission"
    WINDOWS_CONTAINERS = "windows-containers"
    IMAGE_MISSING = "image-missing"
    FETCHING = "fetching"
    STARTING = "starting"
    PORT_REFUSED = "port-refused"
    DISK_FULL = "disk-full"
    UNHEALTHY = "unhealthy"
    FILE_LOST = "file-lost"
    FILE_UNUSABLE = "file-unusable"
    FILE_FOREIGN = "file-foreign"
    BROKEN = "broken"  # any other error: its message is shown


_SIGNS = (  # the first match counts: some messages match two patterns
    (
        DockerState.NO_PERMISSION,
        r"permission denied.*(docker daemon socket|docker API)|open //\./pipe/\S*: access is denied",
    ),
    (DockerState.DISK_FULL, r"no space left on device|not enough space on the disk|disk quota exceeded"),
    (
        DockerState.PORT_REFUSED,
        (
            r"port is already allocated|ports are not available|failed to bind host port|listen tcp\d? \S+: bind:"
            r"|address already in use"
        ),
    ),
    (DockerState.WINDOWS_CONTAINERS, r"no matching manifest for windows|image operating system .linux. cannot be used"),
    (DockerState.ENGINE_STARTING, r"docker desktop is starting|request returned .*internal server error for api route"),
    (
        DockerState.NOT_RUNNING,
        (
            r"cannot connect to the docker daemon|failed to connect to the docker api|error during connect"
            r"|is the docker daemon running|docker desktop is (manually paused|unable to start)"
            r"|open (//\./|\\\\\.\\)pipe\S*docker|(connection refused|no such file or directory).*docker\.sock"
            r"|docker\.sock.*(connection refused|no such file or directory)"
        ),
    ),
    (
        DockerState.NO_COMPOSE,
        (
            r"'compose' is not a docker command|unknown command: docker compose|unknown shorthand flag: 'f' in -f"
            r"|unknown flag: --(project-name|env-file|file)"
        ),
    ),
    (
        DockerState.IMAGE_MISSING,
        (
            r"no such image|pull access denied|manifest unknown|manifest for .* not found|failed to resolve reference"
            r"|toomanyrequests|get .https://\S+/v2/|error getting credentials|tls handshake timeout"
        ),
    ),
    (DockerState.UNHEALTHY, r"container \S+ is unhealthy|container \S+ exited \(\d+\)|dependency failed to start"),
)
_PATTERNS = tuple((state, re.compile(pattern, re.IGNORECASE)) for state, pattern in _SIGNS)
_PORT = re.compile(r"(?:127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d{1,5})(?!\d)")


def state_of(result: CommandResult) -> DockerState:
    """Return the state that the result of a docker command shows."""
    if result.code == 0:
        return DockerState.READY
    if result.code is None:
        return DockerState.NOT_ANSWERING
    return state_in(result.text)


def state_in(text: str) -> DockerState:
    """Return the state that a message shows; BROKEN for an unknown message."""
    return next((state for state, pattern in _PATTERNS if pattern.search(text)), DockerState.BROKEN)


def refused_port(text: str) -> int | None:
    """Return the local port that a message reports as unavailable."""
    found = [int(port) for port in _PORT.findall(text)]
    return next((port for port in found if port), None)


def problem_of(state: DockerState, detail: str = "", *, desktop_installed: bool = False) -> Problem:
    """Return the problem to show for a state.

    Args:
        detail: Docker's message, or the name that the state is about.
        desktop_installed: Whether the program can start Docker Desktop.
    """
    if state is DockerState.PORT_REFUSED:
        return _port_problem(detail)
    remedies = None
    if desktop_installed and state in (DockerState.NOT_RUNNING, DockerState.STOPPED):
        remedies = (Remedy.START_DOCKER, Remedy.USE_EMBEDDED)
    return problem(ProblemId(f"docker-{state}"), {"reason": detail}, remedies=remedies)


def _port_problem(detail: str) -> Problem:
    port = refused_port(detail)
    if port is None:
        return problem(ProblemId.DOCKER_PORT_REFUSED, {"reason": detail})
    holder = port_holder(port)
    if holder is None and ("allocated" in detail or port_is_free("127.0.0.1", port)):
        return problem(ProblemId.DOCKER_PORT_TAKEN, {"port": str(port), "holder": "Another container"})
    if holder is None:
        return problem(ProblemId.DOCKER_PORT_RESERVED, {"port": str(port)})
    return problem(ProblemId.DOCKER_PORT_TAKEN, {"port": str(port), "holder": str(holder)})
