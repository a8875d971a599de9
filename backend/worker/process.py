"""The contract between a supervised process and its supervisor: the stop request, and the report of a fatal error.

A stop request is a line on standard input, or its end, when the supervisor has gone. On Windows a program without a
console cannot send CTRL_BREAK to its children; a pipe works on every system.
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


class StopRequest:
    """A flag that the process should stop. It takes no lock, unlike threading.Event, so signal handlers may set it."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def __bool__(self) -> bool:
        return self._set


def is_supervised(environment: Mapping[str, str] = os.environ) -> bool:
    return bool(environment.get(INSTANCE_VARIABLE))


def listen_for_stop(stop: Callable[[], None], lines: Iterable[str] | None = None) -> None:
    """Call `stop` once, in a separate thread, when the supervisor requests it.

    Args:
        lines: The lines to read instead of standard input. Without a supervisor, standard input belongs to the user
            and is not read.
    """
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


def report_fatal(error: OpenThreatError) -> int:
    """Write the error and its problem id to standard error and return the exit code for it.

    It is one line, because the supervisor shows the last line of a process that failed.
    """
    sys.stderr.write(with_problem_id(sentences(str(error), error.hint), error.problem_id) + "\n")
    if isinstance(error, ConfigurationError):
        return WRONG_USAGE
    return HOPELESS if isinstance(error, StoreTooNew | StoreDamaged) else UNREACHABLE
