"""What a person should read in each state, and what the program itself can do about it."""

from __future__ import annotations

from backend.contract.problems import Remedy, Trouble
from backend.contract.stack import STACK_FILE
from desktop.host import port_holder, port_is_free
from desktop.stack.docker.states import State, refused_port

_EMBEDDED = (Remedy.USE_EMBEDDED,)
_AGAIN = (Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
_INSTALL = "Get it from https://docs.docker.com/get-docker/, or use the built-in database, which needs nothing."
_DISK = "Make room; `docker system df` shows what Docker keeps. Everything goes on by itself then."

_TROUBLES = {
    State.NOT_INSTALLED: Trouble("Docker is not installed", "There is no docker program on this machine.", _INSTALL),
    State.NO_COMPOSE: Trouble(
        "Docker's compose plugin is missing",
        "`docker compose` is not known to this docker program.",
        "Update Docker Desktop, or install the package docker-compose-plugin.",
    ),
    State.NOT_RUNNING: Trouble(
        "Docker is not running", "Its engine does not answer.", "Start it; everything goes on by itself then."
    ),
    State.STOPPED: Trouble(
        "Docker was stopped",
        "The database and the broker went with it. Nothing of what was stored is lost.",
        "Start it again; everything goes on by itself then.",
    ),
    State.ENGINE_STARTING: Trouble(
        "Docker is starting", "That may take a minute or two.", "If it takes longer, look into Docker's own window."
    ),
    State.NOT_ANSWERING: Trouble(
        "Docker does not answer", "Its engine runs but leaves questions open.", "Restart Docker, or this machine."
    ),
    State.NO_PERMISSION: Trouble(
        "Docker may not be used by this account",
        "The system refuses access to Docker's engine.",
        "On Linux `sudo usermod -aG docker $USER`, on Windows the group docker-users; then log in anew.",
    ),
    State.WINDOWS_CONTAINERS: Trouble(
        "Docker is set to Windows containers",
        "PostgreSQL and Redis are made for Linux containers.",
        "Choose “Switch to Linux containers” in Docker Desktop's menu.",
    ),
    State.IMAGE_MISSING: Trouble(
        "The images cannot be downloaded",
        hint="Check the connection to the Internet. It is tried again every few minutes.",
    ),
    State.FETCHING: Trouble("Downloading PostgreSQL and Redis", hint="This is done once and may take some minutes."),
    State.STARTING: Trouble("PostgreSQL and Redis are starting", "Their containers run but do not answer yet."),
    State.DISK_FULL: Trouble("The disk that Docker uses is full", hint=_DISK),
    State.UNHEALTHY: Trouble("A container does not work"),
    State.FILE_LOST: Trouble(
        f"{STACK_FILE} is missing",
        "It holds the password of the database that Docker keeps for this data folder. A new one would not fit.",
        "Put the file back, for example from a backup. If what is stored may go (it can be downloaded again), remove it"
        " with `docker volume rm {detail}`.",
    ),
    State.FILE_UNUSABLE: Trouble(f"{STACK_FILE} cannot be used", hint="Mend the file, or put it back from a backup."),
    State.FILE_FOREIGN: Trouble(
        f"{STACK_FILE} belongs to another data folder",
        "This data folder was moved or copied.",
        "If it was moved, take the line OPENTHREAT_FOLDER out of the file. If it was copied, delete the file.",
    ),
    State.BROKEN: Trouble("Docker cannot start PostgreSQL and Redis", hint="Docker's own window or log may say more."),
}

_REMEDIES = {
    State.NOT_INSTALLED: (Remedy.USE_EMBEDDED, Remedy.TRY_AGAIN),
    State.IMAGE_MISSING: (Remedy.FETCH_IMAGES, Remedy.USE_EMBEDDED),
    State.FETCHING: (Remedy.STOP_FETCHING, Remedy.USE_EMBEDDED),
    State.STARTING: (),
    State.ENGINE_STARTING: _EMBEDDED,
    State.FILE_LOST: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
    State.FILE_UNUSABLE: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
    State.FILE_FOREIGN: (Remedy.OPEN_FOLDER, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED),
}


def trouble_of(state: State, detail: str = "", *, desktop_installed: bool = False) -> Trouble:
    """detail: what Docker said, or what it is about. desktop_installed: Docker Desktop can be started from here."""
    if state is State.PORT_REFUSED:
        return _port_trouble(detail)
    known, remedies = _TROUBLES[state], _REMEDIES.get(state, _AGAIN)
    if desktop_installed and state in (State.NOT_RUNNING, State.STOPPED):
        remedies = (Remedy.START_DOCKER, Remedy.USE_EMBEDDED)
    return Trouble(known.title, known.message or detail, known.hint.replace("{detail}", detail), remedies)


def _port_trouble(detail: str) -> Trouble:
    port, remedies = refused_port(detail), (Remedy.USE_OTHER_PORTS, Remedy.TRY_AGAIN, Remedy.USE_EMBEDDED)
    if port is None:
        return Trouble("A port cannot be had", detail, "Use other ports, or end the program that has it.", remedies)
    holder = port_holder(port)
    if holder is not None:
        hint = "Use other ports, or end that program."
        return Trouble(f"Port {port} is taken", f"{holder} listens there.", hint, remedies)
    if "allocated" in detail or port_is_free("127.0.0.1", port):
        hint = "Use other ports, or stop that container (`docker ps` shows it)."
        return Trouble(f"Port {port} is taken", "Another container has it.", hint, remedies)
    hint = "Use other ports. `netsh int ipv4 show excludedportrange protocol=tcp` shows what Windows keeps to itself."
    return Trouble(
        f"Port {port} is reserved", "Nobody listens there, yet the system does not give it away.", hint, remedies
    )
