"""Runs other programs: without a shell, without a console window, always with a timeout."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.host import Launch, lower_priority, this_host

_MAX_LINES = 500
_LAST_OUTPUT_S = 1.0


@dataclass(frozen=True)
class CommandResult:
    """The end of a command.

    Attributes:
        code: Exit code; None: it was killed after the timeout.
        lines: The last lines of its output.
    """

    code: int | None
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class CommandProcess:
    """A running program, which ends with this process at the latest.

    Args:
        words: The command; the first word is an absolute path.

    Raises:
        ValueError: The first word is not an absolute path.
        OSError: The program cannot be started.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._child = this_host().spawn(Launch(_with_parent_death_signal(words), environment, folder))
        lower_priority(self._child.pid)  # the docker program uses a CPU core for a quarter of a second per call
        self._lines: deque[str] = deque(maxlen=_MAX_LINES)
        self._code, self._ended = 0, threading.Event()
        self._reader = threading.Thread(target=self._read, name="command output", daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait_for_end, name="command end", daemon=True).start()

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines that it has printed so far."""
        return tuple(self._lines.copy())

    def wait(self, timeout_s: float) -> CommandResult | None:
        """Wait for its end; None if it is still running after the timeout."""
        return CommandResult(self._code, self.lines) if self._ended.wait(timeout_s) else None

    def abort(self) -> None:
        """Kill it and all its descendants."""
        self._child.kill()

    def _read(self) -> None:
        with self._child.output as output:
            for line in output:
                self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _wait_for_end(self) -> None:
        self._code = self._child.wait()
        self._reader.join(_LAST_OUTPUT_S)
        self._child.request_stop()  # closes its standard input
        self._ended.set()


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_s: float) -> CommandResult:
    """Run a program to its end, or kill it after the timeout.

    Raises:
        ValueError, OSError: As for `CommandProcess`.
    """
    command = CommandProcess(words, environment, folder)
    result = command.wait(timeout_s)
    if result is None:
        command.abort()
        return CommandResult(None, command.lines)
    return result


def start_detached(words: Sequence[str]) -> None:
    """Start an independent program, which may outlive this one.

    Raises:
        OSError: It cannot be started.
    """
    subprocess.Popen(  # noqa: S603 - an absolute path, and no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
    )


def _with_parent_death_signal(words: Sequence[str]) -> Sequence[str]:
    """Let a program that is not ours end with this one: by setpriv on Linux, by its job object on Windows."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *words] if setpriv else words
