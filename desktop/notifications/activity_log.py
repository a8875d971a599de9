"""Tells people and programs what happens, one line a change, without ever holding up who has something to tell."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TextIO

from backend.contract.problems import Problem
from desktop.logs.log_file import LogFile
from desktop.notifications.activity import ActivityEntry, activity_between
from desktop.supervision.plan import API
from desktop.supervision.services import Supervision

Line = tuple[str, dict[str, object]]


class ActivityLog:
    """Lines go to a stream, as text or as JSON, and to the supervisor's own log.

    stream: None where nobody sits. api_page: named when the API is up.
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
        self._now = now or (lambda: datetime.now(UTC))
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._speak, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        self._lines.put(None)
        self._thread.join(timeout_s)

    def say(self, text: str, **facts: object) -> None:
        self._lines.put((text, facts))

    def warn(self, problem: Problem) -> None:
        self.say(f"{problem} {problem.hint}".strip(), problem=vars(problem))

    def changed(self, before: Supervision, after: Supervision) -> None:
        """A watch of the supervisor."""
        for notice in activity_between(before, after):
            self._lines.put((notice.text, _facts(notice)))
        if after[API].ready and not before[API].ready:
            self.say(f"API: {self._api_page}", api=self._api_page)

    def _speak(self) -> None:
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
        with suppress(OSError, ValueError):  # nobody reads any more
            self._stream.write(shown + "\n")
            self._stream.flush()


def _facts(notice: ActivityEntry) -> dict[str, object]:
    facts = {
        "service": notice.service,
        "phase": notice.phase,
        "pid": notice.pid,
        "problem": vars(notice.problem) if notice.problem else None,
        "task_id": notice.task_id or None,
    }
    return {name: value for name, value in facts.items() if value is not None}
