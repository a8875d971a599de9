"""The states of Docker, recognised from messages of the docker program, with explanation and remedies for each.

The patterns are words that are the same in every language: on Windows the system's own part of a message is translated.
The messages are from Docker 20 to 29 on Linux, and for Windows from Docker Desktop's issue tracker.
"""

from __future__ import annotations

import re
from enum import StrEnum

from backend.contract.problems import Remedy, Trouble
from backend.contract.stack import STACK_FILE
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


_EMBEDDED = (Remedy.USE_EMBEDDED,)
_RETRY = (Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
_INSTALL = (
    "Install it from https://docs.docker.com/get-docker/, or use the built-in database, which needs no installation."
)
_DISK = "Free disk space; `docker system df` shows what Docker uses. The services then continue automatically."

_TROUBLES = {
    DockerState.NOT_INSTALLED: Trouble(
        "Docker is not installed", "The docker program was not found on this machine.", _INSTALL
    ),
    DockerState.NO_COMPOSE: Trouble(
        "Docker's compose plugin is missing",
        "This docker program does not support `docker compose`.",
        "Update Docker Desktop, or install the package docker-compose-plugin.",
    ),
    DockerState.NOT_RUNNING: Trouble(
        "Docker is not running", "Its engine does not answer.", "Start it; the services then continue automatically."
    ),
    DockerState.STOPPED: Trouble(
        "Docker was stopped",
        "Database and broker stopped with it. No data are lost.",
        "Start it again; the services then continue automatically.",
    ),
    DockerState.ENGINE_STARTING: Trouble(
        "Docker is starting", "That may take a minute or two.", "If it takes longer, check the Docker Desktop window."
    ),
    DockerState.NOT_ANSWERING: Trouble(
        "Docker does not answer", "Its engine runs but does not respond.", "Restart Docker or this machine."
    ),
    DockerState.NO_PERMISSION: Trouble(
        "This account is not allowed to use Docker",
        "The system refuses access to Docker's engine.",
        "On Linux `sudo usermod -aG docker $USER`, on Windows the group docker-users; then log in again.",
    ),
    DockerState.WINDOWS_CONTAINERS: Trouble(
        "Docker is set to Windows containers",
        "PostgreSQL and Redis need Linux containers.",
        "Choose “Switch to Linux containers” in Docker Desktop's menu.",
    ),
    DockerState.IMAGE_MISSING: Trouble(
        "The images cannot be downloaded",
        hint="Check the connection to the Internet. The download is retried every few minutes.",
    ),
    DockerState.FETCHING: Trouble(
        "Downloading PostgreSQL and Redis", hint="This is needed once and may take some minutes."
    ),
    DockerState.STARTING: Trouble("PostgreSQL and Redis are starting", "Their containers run but do not answer yet."),
    DockerState.DISK_FULL: Trouble("The disk that Docker uses is full", hint=_DISK),
    DockerState.UNHEALTHY: Trouble("A container does not work"),
    DockerState.FILE_LOST: Trouble(
        f"{STACK_FILE} is missing",
        "It contains the password of this data folder's database in Docker. A new file would have another password.",
        "Restore the file, for example from a backup. If the data are not needed (they can be downloaded again), delete"
        " them with `docker volume rm {detail}`.",
    ),
    DockerState.FILE_UNUSABLE: Trouble(
        f"{STACK_FILE} cannot be used", hint="Correct the file, or restore it from a backup."
    ),
    DockerState.FILE_FOREIGN: Trouble(
        f"{STACK_FILE} belongs to another data folder",
        "This data folder was moved or copied.",
        "If it was moved, remove the line OPENTHREAT_FOLDER from the file. If it was copied, delete the file.",
    ),
    DockerState.BROKEN: Trouble(
        "Docker cannot start PostgreSQL and Redis", hint="The Docker Desktop window or Docker's log may show the cause."
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


def trouble_of(state: DockerState, detail: str = "", *, desktop_installed: bool = False) -> Trouble:
    """Return the trouble to show for a state.

    Args:
        detail: Docker's message, or the name that the state is about.
        desktop_installed: Whether the program can start Docker Desktop.
    """
    if state is DockerState.PORT_REFUSED:
        return _port_trouble(detail)
    known, remedies = _TROUBLES[state], _REMEDIES.get(state, _RETRY)
    if desktop_installed and state in (DockerState.NOT_RUNNING, DockerState.STOPPED):
        remedies = (Remedy.START_DOCKER, Remedy.USE_EMBEDDED)
    return Trouble(known.title, known.message or detail, known.hint.replace("{detail}", detail), remedies)


def _port_trouble(detail: str) -> Trouble:
    port, remedies = refused_port(detail), (Remedy.USE_OTHER_PORTS, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
    if port is None:
        return Trouble("A port is not available", detail, "Use other ports, or end the program that uses it.", remedies)
    holder = port_holder(port)
    if holder is not None:
        hint = "Use other ports, or end that program."
        return Trouble(f"Port {port} is taken", f"{holder} listens there.", hint, remedies)
    if "allocated" in detail or port_is_free("127.0.0.1", port):
        hint = "Use other ports, or stop that container (`docker ps` shows it)."
        return Trouble(f"Port {port} is taken", "Another container uses it.", hint, remedies)
    hint = "Use other ports. `netsh int ipv4 show excludedportrange protocol=tcp` shows what Windows reserves."
    return Trouble(
        f"Port {port} is reserved", "No program listens there, but the system does not allow its use.", hint, remedies
    )
