"""Other programs that are asked something: without a shell, without a window, and never waited for in vain."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.host import Launch, lower_priority, this_host

_LINES_KEPT = 500
_LAST_OUTPUT_S = 1.0


@dataclass(frozen=True)
class CommandResult:
    """code None: it had not ended when patience did, and was killed. lines: what it printed, the end of it."""

    code: int | None
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Command:
    """A program at work. It does not outlive this one.

    Raises ValueError where the program is not named by an absolute path, OSError where it cannot be started.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._child = this_host().spawn(Launch(_tethered(words), environment, folder))
        lower_priority(self._child.pid)  # Docker's program takes a processor for a quarter of a second each time
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._code, self._ended = 0, threading.Event()
        self._reader = threading.Thread(target=self._read, name="command output", daemon=True)
        self._reader.start()
        threading.Thread(target=self._await, name="command end", daemon=True).start()

    @property
    def lines(self) -> tuple[str, ...]:
        """What it has printed so far, the end of it."""
        return tuple(self._lines.copy())

    def wait(self, timeout_s: float) -> CommandResult | None:
        """None: it goes on."""
        return CommandResult(self._code, self.lines) if self._ended.wait(timeout_s) else None

    def abort(self) -> None:
        """It and all that it started, at once."""
        self._child.kill()

    def _read(self) -> None:
        with self._child.output as output:
            for line in output:
                self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _await(self) -> None:
        self._code = self._child.wait()
        self._reader.join(_LAST_OUTPUT_S)
        self._child.request_stop()  # closes its standard input
        self._ended.set()


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_s: float) -> CommandResult:
    """Waits for the program's end, no longer than this. Raises ValueError and OSError as Command does."""
    command = Command(words, environment, folder)
    outcome = command.wait(timeout_s)
    if outcome is None:
        command.abort()
        return CommandResult(None, command.lines)
    return outcome


def start_detached(words: Sequence[str]) -> None:
    """Starts a program of its own that outlives this one. Raises OSError where it cannot be started."""
    subprocess.Popen(  # noqa: S603 - an absolute path, and no shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
    )


def _tethered(words: Sequence[str]) -> Sequence[str]:
    """On Linux a foreign program has to be told to die with the thread that starts it; on Windows its job does it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *words] if setpriv else words
