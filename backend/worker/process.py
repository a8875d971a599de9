"""How a supervised process is asked to stop: a line on its standard input, or the end of it (the supervisor is gone).

A windowed program on Windows has no console, so no CTRL_BREAK reaches its children; a pipe reaches them everywhere.

What a process says that cannot do its work, and the exit code that says it too.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping

from backend.contract.errors import ConfigurationError, OpenThreatError, StoreDamaged, StoreTooNew
from backend.contract.formatting import sentences
from backend.contract.health import INSTANCE_VARIABLE
from backend.contract.names import HOPELESS, UNREACHABLE, WRONG_USAGE
from backend.contract.problems import with_problem_id

STOP = "stop"


class Stopping:
    """The wish to stop. Unlike threading.Event it takes no lock, so a signal handler may set it at any moment."""

    def __init__(self) -> None:
        self._wished = False

    def wish(self) -> None:
        self._wished = True

    def __bool__(self) -> bool:
        return self._wished


def is_supervised(environment: Mapping[str, str] = os.environ) -> bool:
    return bool(environment.get(INSTANCE_VARIABLE))


def listen_for_stop(stop: Callable[[], None], lines: Iterable[str] | None = None) -> None:
    """Calls `stop` once, from a thread of its own. Without a supervisor standard input is the user's."""
    if lines is None:
        if not is_supervised() or sys.stdin is None:
            return
        lines = sys.stdin

    def listen() -> None:
        for line in lines:
            if line.strip() == STOP:
                break
        stop()

    threading.Thread(target=listen, name="stop-channel", daemon=True).start()


def last_words(error: OpenThreatError) -> int:
    """Writes the error in one line, because the last line is what the supervisor shows; gives the exit code."""
    sys.stderr.write(with_problem_id(sentences(str(error), error.hint), error.problem_id) + "\n")
    if isinstance(error, ConfigurationError):
        return WRONG_USAGE
    return HOPELESS if isinstance(error, StoreTooNew | StoreDamaged) else UNREACHABLE
