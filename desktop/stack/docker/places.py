"""Where Docker is on this machine, if it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

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
