"""Writes the activity log, one line per change, in a separate thread, so that callers never wait."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from queue import SimpleQueue
from typing import TextIO

from backend.contract.problems import Problem, described
from backend.contract.wire import utc_now
from desktop.logs.log_file import LogFile
from desktop.notifications.activity import ActivityEntry, activity_between
from desktop.state.app_state import AppState
from desktop.supervision.plan import API

Line = tuple[str, dict[str, object]]


class ActivityLog:
    """Writes each line to a stream, as text or JSON, and to the supervisor's log.

    Args:
        stream: None without a terminal.
        api_page: The address that is written when the API is ready.
        as_json: Write JSON to the stream; the log is always text.
    """

    def __init__(
        self,
        stream: TextIO | None,
        log: LogFile,
        api_page: str,
        *,
        as_json: bool,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._stream, self._log, self._api_page, self._as_json = stream, log, api_page, as_json
        self._now = now or utc_now
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_lines, name="activity log", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        self._lines.put(None)
        self._thread.join(timeout_s)

    def say(self, text: str, **facts: object) -> None:
        self._lines.put((text, facts))

    def warn(self, problem: Problem) -> None:
        self.say(f"{problem} {problem.advice}".strip(), problem=described(problem))

    def changed(self, before: AppState, after: AppState) -> None:
        """Listener of the state."""
        for entry in activity_between(before, after):
            self._lines.put((entry.text, _facts(entry)))
        if after.supervision[API].ready and not before.supervision[API].ready:
            self.say(f"API: {self._api_page}", api=self._api_page)

    def _write_lines(self) -> None:
        while (line := self._lines.get()) is not None:
            self._write(*line)
        self._log.close()

    def _write(self, text: str, facts: dict[str, object]) -> None:
        at = self._now().isoformat(timespec="seconds")
        self._log.write(f"{at} {text}\n".encode())
        self._log.flush()
        if self._stream is None:
            return
        shown = json.dumps({"at": at, "message": text, **facts}) if self._as_json else text
        with suppress(OSError, ValueError):  # the reader has closed the stream
            self._stream.write(shown + "\n")
            self._stream.flush()


def _facts(entry: ActivityEntry) -> dict[str, object]:
    facts = {
        "service": entry.service or None,
        "phase": entry.phase,
        "pid": entry.pid,
        "problem": described(entry.problem) if entry.problem else None,
        "task_id": entry.task_id or None,
    }
    return {name: value for name, value in facts.items() if value is not None}
