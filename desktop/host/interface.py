"""What the supervisor needs of the machine it runs on. Linux and Windows have each their own way of giving it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


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

    def ask_to_stop(self) -> None:
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
