"""What is known of processes: whether they live, and how to end all that one has started.

What the supervisor needs of the machine it runs on. Linux and Windows have each their own way of giving it.

What children have in common on every platform.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

import psutil


def process_is_alive(pid: int) -> bool:
    """Whether there is such a process, and not only its remains."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def kill_tree(pid: int) -> None:
    """The process and all its descendants; who was born or died meanwhile is no obstacle."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()


@dataclass(frozen=True)
class Launch:
    """command: the first word is an absolute path; environment: the whole of it; folder: where the process starts."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


Stop = Callable[[bool], None]
"""Is told whether somebody sits there and pressed Ctrl-C."""


class Child(Protocol):
    """A process of ours with all that it started itself."""

    @property
    def pid(self) -> int: ...

    @property
    def output(self) -> BinaryIO:
        """Standard output and standard error, merged."""

    def wait(self) -> int:
        """Blocks until the process has ended, and ends what it left behind in its group. Negative: by that signal."""

    def request_stop(self) -> None:
        """By its standard input: the line `stop`, then end of file. Never blocks."""

    def kill(self) -> None:
        """The whole tree, at once."""


class Host(Protocol):
    def spawn(self, launch: Launch) -> Child:
        """On Linux children die with the *thread* that calls this, so one thread spawns everything.

        Raises ValueError where the program is not named by an absolute path, OSError where it cannot be started.
        """

    def listen_for_stop(self, stop: Stop) -> None:
        """Calls `stop` for Ctrl-C, a request to terminate, the end of the terminal. From the main thread only."""


class Spawner(Protocol):
    """The part of a host that the supervisor uses."""

    def spawn(self, launch: Launch) -> Child: ...


STOP_LINE = b"stop\n"


class PipedChild:
    """A process whose standard input is the channel to stop it, and whose output comes through one pipe."""

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
        with contextlib.suppress(OSError, ValueError):  # it is gone already, or was asked before
            channel.write(STOP_LINE)
        with contextlib.suppress(OSError):
            channel.close()
