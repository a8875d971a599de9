"""All that can be the matter with Docker, told apart by what the docker program says.

It is read from words that are the same in every language: on Windows the system's own part of a message is translated.
The messages are from Docker 20 to 29 on Linux, and from Docker Desktop's issue tracker for Windows.

What a person should read in each state, and what the program itself can do about it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from backend.contract.problems import Problem, Remedy
from backend.contract.stack import STACK_FILE
from desktop.host import port_holder, port_is_free
from desktop.host.commands import CommandResult


class DockerState(StrEnum):
    READY = "ready"
    NOT_INSTALLED = "not-installed"
    NO_COMPOSE = "no-compose"
    NOT_RUNNING = "not-running"
    STOPPED = "stopped"  # it ran, and our containers on it, until now
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
    BROKEN = "broken"  # none of these: the message itself has to do


_SIGNS = (  # the first that fits; the order matters where one message has the words of two
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


def state_of(outcome: CommandResult) -> DockerState:
    """What an answer of the docker program means."""
    if outcome.code == 0:
        return DockerState.READY
    if outcome.code is None:
        return DockerState.NOT_ANSWERING
    return state_in(outcome.text)


def state_in(text: str) -> DockerState:
    """What a message means; BROKEN for one that nobody has seen before."""
    return next((state for state, pattern in _PATTERNS if pattern.search(text)), DockerState.BROKEN)


def refused_port(text: str) -> int | None:
    """The port of this machine that a message complains of."""
    found = [int(port) for port in _PORT.findall(text)]
    return next((port for port in found if port), None)


_EMBEDDED = (Remedy.USE_EMBEDDED,)
_AGAIN = (Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
_INSTALL = "Get it from https://docs.docker.com/get-docker/, or use the built-in database, which needs nothing."
_DISK = "Make room; `docker system df` shows what Docker keeps. Everything goes on by itself then."

_TROUBLES = {
    DockerState.NOT_INSTALLED: Problem(
        "Docker is not installed", "There is no docker program on this machine.", _INSTALL
    ),
    DockerState.NO_COMPOSE: Problem(
        "Docker's compose plugin is missing",
        "`docker compose` is not known to this docker program.",
        "Update Docker Desktop, or install the package docker-compose-plugin.",
    ),
    DockerState.NOT_RUNNING: Problem(
        "Docker is not running", "Its engine does not answer.", "Start it; everything goes on by itself then."
    ),
    DockerState.STOPPED: Problem(
        "Docker was stopped",
        "The database and the broker went with it. Nothing of what was stored is lost.",
        "Start it again; everything goes on by itself then.",
    ),
    DockerState.ENGINE_STARTING: Problem(
        "Docker is starting", "That may take a minute or two.", "If it takes longer, look into Docker's own window."
    ),
    DockerState.NOT_ANSWERING: Problem(
        "Docker does not answer", "Its engine runs but leaves questions open.", "Restart Docker, or this machine."
    ),
    DockerState.NO_PERMISSION: Problem(
        "Docker may not be used by this account",
        "The system refuses access to Docker's engine.",
        "On Linux `sudo usermod -aG docker $USER`, on Windows the group docker-users; then log in anew.",
    ),
    DockerState.WINDOWS_CONTAINERS: Problem(
        "Docker is set to Windows containers",
        "PostgreSQL and Redis are made for Linux containers.",
        "Choose “Switch to Linux containers” in Docker Desktop's menu.",
    ),
    DockerState.IMAGE_MISSING: Problem(
        "The images cannot be downloaded",
        hint="Check the connection to the Internet. It is tried again every few minutes.",
    ),
    DockerState.FETCHING: Problem(
        "Downloading PostgreSQL and Redis", hint="This is done once and may take some minutes."
    ),
    DockerState.STARTING: Problem("PostgreSQL and Redis are starting", "Their containers run but do not answer yet."),
    DockerState.DISK_FULL: Problem("The disk that Docker uses is full", hint=_DISK),
    DockerState.UNHEALTHY: Problem("A container does not work"),
    DockerState.FILE_LOST: Problem(
        f"{STACK_FILE} is missing",
        "It holds the password of the database that Docker keeps for this data folder. A new one would not fit.",
        "Put the file back, for example from a backup. If what is stored may go (it can be downloaded again), remove it"
        " with `docker volume rm {detail}`.",
    ),
    DockerState.FILE_UNUSABLE: Problem(
        f"{STACK_FILE} cannot be used", hint="Mend the file, or put it back from a backup."
    ),
    DockerState.FILE_FOREIGN: Problem(
        f"{STACK_FILE} belongs to another data folder",
        "This data folder was moved or copied.",
        "If it was moved, take the line OPENTHREAT_FOLDER out of the file. If it was copied, delete the file.",
    ),
    DockerState.BROKEN: Problem(
        "Docker cannot start PostgreSQL and Redis", hint="Docker's own window or log may say more."
    ),
}

_REMEDIES = {
    DockerState.NOT_INSTALLED: (Remedy.USE_EMBEDDED, Remedy.TRY_AGAIN),
    DockerState.IMAGE_MISSING: (Remedy.FETCH_IMAGES, Remedy.USE_EMBEDDED),
    DockerState.FETCHING: (Remedy.STOP_FETCHING, Remedy.USE_EMBEDDED),
    DockerState.STARTING: (),
    DockerState.ENGINE_STARTING: _EMBEDDED,
    DockerState.FILE_LOST: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
    DockerState.FILE_UNUSABLE: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
    DockerState.FILE_FOREIGN: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
}


def problem_of(state: DockerState, detail: str = "", *, desktop_installed: bool = False) -> Problem:
    """detail: what Docker said, or what it is about. desktop_installed: Docker Desktop can be started from here."""
    if state is DockerState.PORT_REFUSED:
        return _port_problem(detail)
    known, remedies = _TROUBLES[state], _REMEDIES.get(state, _AGAIN)
    if desktop_installed and state in (DockerState.NOT_RUNNING, DockerState.STOPPED):
        remedies = (Remedy.START_DOCKER, Remedy.USE_EMBEDDED)
    return Problem(known.title, known.message or detail, known.hint.replace("{detail}", detail), remedies)


def _port_problem(detail: str) -> Problem:
    port, remedies = refused_port(detail), (Remedy.USE_OTHER_PORTS, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
    if port is None:
        return Problem("A port cannot be had", detail, "Use other ports, or end the program that has it.", remedies)
    holder = port_holder(port)
    if holder is not None:
        hint = "Use other ports, or end that program."
        return Problem(f"Port {port} is taken", f"{holder} listens there.", hint, remedies)
    if "allocated" in detail or port_is_free("127.0.0.1", port):
        hint = "Use other ports, or stop that container (`docker ps` shows it)."
        return Problem(f"Port {port} is taken", "Another container has it.", hint, remedies)
    hint = "Use other ports. `netsh int ipv4 show excludedportrange protocol=tcp` shows what Windows keeps to itself."
    return Problem(
        f"Port {port} is reserved", "Nobody listens there, yet the system does not give it away.", hint, remedies
    )
