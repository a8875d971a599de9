"""Child processes on every platform: the interface of a host, and what both implementations share."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

import psutil


def process_is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def kill_tree(pid: int) -> None:
    """Kill a process and all its descendants; processes that start or end meanwhile are ignored."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        tree = [*root.children(recursive=True), root]
        for process in tree:
            with contextlib.suppress(psutil.Error):
                process.kill()


@dataclass(frozen=True)
class Launch:
    """How to start a process.

    Attributes:
        command: Its first word is an absolute path.
        environment: The complete environment.
        folder: The working directory.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


StopHandler = Callable[[bool], None]
"""Called with True for Ctrl-C, with False for other requests to terminate."""


class Child(Protocol):
    """A child process with its descendants."""

    @property
    def pid(self) -> int: ...

    @property
    def output(self) -> BinaryIO:
        """Standard output and standard error, merged."""

    def wait(self) -> int:
        """Wait for the end of the process, then kill what is left of its group.

        Returns:
            The exit code; negative: the signal that killed it.
        """

    def request_stop(self) -> None:
        """Write the line `stop` to its standard input and close it. Never blocks."""

    def kill(self) -> None:
        """Kill the process and all its descendants."""


class Host(Protocol):
    def spawn(self, launch: Launch) -> Child:
        """Start a child. On Linux it dies with the *thread* that calls this, so one thread spawns all children.

        Raises:
            ValueError: The program is not named by an absolute path.
            OSError: It cannot be started.
        """

    def listen_for_stop(self, stop: StopHandler) -> None:
        """Call `stop` on Ctrl-C, termination requests, and when the terminal closes. Main thread only."""


class Spawner(Protocol):
    """The part of a host that the supervisor uses."""

    def spawn(self, launch: Launch) -> Child: ...


STOP_LINE = b"stop\n"


class PipedChild:
    """A process that is stopped through its standard input; its output and errors share one pipe."""

    def __init__(self, launch: Launch, *, new_session: bool = False, flags: int = 0) -> None:
        if not Path(launch.command[0]).is_absolute():
            raise ValueError(f"not an absolute path: {launch.command[0]}")
        self._process = subprocess.Popen(  # noqa: S603 - an absolute path, and no shell
            launch.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=launch.folder,
            env=launch.environment,
            bufsize=0,
            start_new_session=new_session,
            creationflags=flags,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    def request_stop(self) -> None:
        channel = cast(IO[bytes], self._process.stdin)
        with contextlib.suppress(OSError, ValueError):  # it has ended, or was already asked to stop
            channel.write(STOP_LINE)
        with contextlib.suppress(OSError):
            channel.close()
