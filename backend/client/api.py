"""The API's calls with their messages, as the desktop, the commands and the doctor use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from backend.client.transport import (
    OTHER_PORT_HINT,
    RESTARTED_HINT,
    ApiNonsense,
    Json,
    Message,
    Params,
    Transport,
    segment,
)
from backend.contract.health import PROGRAM, Health, Presence
from backend.contract.names import TaskName
from backend.contract.schedule import (
    PauseWanted,
    ScheduleChange,
    ScheduledTask,
    ScheduleList,
    SchedulePause,
    SchedulePreview,
)
from backend.contract.snapshot import Snapshot
from backend.contract.sources import KeyVerdict, SourceList
from backend.contract.tasks import TaskAccepted, TaskCancelled, TaskPage, TaskRun
from backend.contract.vulnerabilities import (
    ChangeList,
    SummaryPage,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
)
from backend.contract.workers import WorkersStatus

WINDOW_WAIT_S = 2.0
"""Seconds that the windows and the supervisor wait for an answer."""
COMMAND_WAIT_S = 30.0
"""Seconds that somebody who typed a command waits for an answer."""
WINDOW_MAX_BYTES, COMMAND_MAX_BYTES = 8 * 2**20, 256 * 2**20
"""Longest answers: a page as the windows ask for it; 500 whole records, some of which list thousands of products."""
CHANGE_WAIT_S = 45.0
"""Seconds that an answer to a request for a change may take: longer than the API waits for a database that is busy (it
writes twice, with the broker in between), so that the API says what it waits for.
"""
_NVD_WAIT_S = 30.0  # the API asks NVD before it answers

_Presence = TypeVar("_Presence", bound=Presence)
_PATHS = {
    TaskName.UPDATE: "update-vulnerabilities",
    TaskName.MANUAL_UPDATE: "update-vulnerabilities",
    TaskName.CLEAN_CACHE: "clean-cache",
    TaskName.UPDATE_STATS: "update-stats",
    TaskName.TEST: "test",
}


@dataclass(frozen=True)
class Fresh:
    """A snapshot, and the tag by which the next question can say that this one is known."""

    snapshot: Snapshot
    tag: str


class ApiClient:
    """Every call raises ApiError. Used by one thread.

    Args:
        base: Scheme, host and port of the API.
        token: The API's token; empty: none.
        wait_s: Seconds that an answer may take.
        max_bytes: Longest answer that is read.
        hint: What a person can do where the API does not answer.
        changed: Called when the API has done something that it was asked to do.
    """

    def __init__(
        self,
        base: str,
        token: str = "",
        *,
        wait_s: float = WINDOW_WAIT_S,
        max_bytes: int = WINDOW_MAX_BYTES,
        hint: str = RESTARTED_HINT,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = Transport(base, token, wait_s=wait_s, max_bytes=max_bytes, hint=hint)
        self._changed = changed

    def live(self) -> Presence:
        """Which program answers; costs it next to nothing. Raises ApiNonsense where another program answers."""
        return _ours(self._get("/live", Presence))

    def health(self) -> Health:
        """The same with the state of all that the API depends on, which takes it ten times as long."""
        return _ours(self._get("/health", Health))

    def snapshot(self, tag: str = "") -> Fresh | None:
        """All that the desktop shows.

        Args:
            tag: Of the snapshot that is known; empty: none is.

        Returns:
            None: The known one still holds.
        """
        answer = self._transport.call("GET", "/snapshot", headers={"If-None-Match": tag} if tag else {})
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        return Fresh(answer.as_message(Snapshot), answer.tag)

    def workers(self) -> WorkersStatus:
        return self._get("/tasks/workers/status", WorkersStatus)

    def sources(self) -> SourceList:
        return self._get("/sources", SourceList)

    def vulnerabilities(self, filters: Params) -> VulnerabilityPage:
        """filters: the parameters of GET /vulnerabilities by name."""
        return self._get("/vulnerabilities", VulnerabilityPage, filters)

    def listed(self, filters: Params) -> SummaryPage:
        """The same, of each only what a list shows."""
        return self._get("/vulnerabilities", SummaryPage, {**filters, "brief": "true"})

    def portion(self, filters: Params, after: str) -> VulnerabilityPortion:
        """As many whole records as fit into one answer.

        Args:
            filters: As for `vulnerabilities`, without a page.
            after: `next` of the portion before; empty: from the beginning.
        """
        return self._get("/vulnerabilities/all", VulnerabilityPortion, {**filters, "after": after})

    def vulnerability(self, cve_id: str) -> Vulnerability:
        return self._get(f"/vulnerabilities/{segment(cve_id)}", Vulnerability)

    def changes(self, cve_id: str) -> ChangeList:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/changes", ChangeList)

    def runs(self, filters: Params) -> TaskPage:
        """filters: the parameters of GET /tasks by name."""
        return self._get("/tasks", TaskPage, filters)

    def run(self, task_id: str) -> TaskRun:
        return self._get(f"/tasks/{segment(task_id)}", TaskRun)

    def request_run(self, task: TaskName) -> TaskAccepted:
        """Queues a run; where an update waits or runs already, the answer names that one."""
        return self._do("POST", f"/tasks/{_PATHS[task]}", TaskAccepted)

    def cancel(self, task_id: str) -> TaskCancelled:
        return self._do("POST", f"/tasks/{segment(task_id)}/cancel", TaskCancelled)

    def schedule(self) -> ScheduleList:
        return self._get("/tasks/scheduled/list", ScheduleList)

    def change_schedule(self, name: str, change: ScheduleChange) -> ScheduledTask:
        return self._do(
            "PATCH",
            f"/tasks/scheduled/{segment(name)}",
            ScheduledTask,
            change.model_dump(mode="json", exclude_unset=True),
        )

    def reset_schedule(self, name: str) -> ScheduledTask:
        return self._do("POST", f"/tasks/scheduled/{segment(name)}/reset", ScheduledTask)

    def preview_schedule(self, line: str) -> SchedulePreview:
        return self._get("/tasks/scheduled/preview", SchedulePreview, {"schedule": line})

    def pause_schedule(self, until: datetime | None) -> SchedulePause:
        """until: aware; None: until somebody resumes."""
        return self._do(
            "PUT", "/tasks/scheduled/pause", SchedulePause, PauseWanted(until=until).model_dump(mode="json")
        )

    def resume_schedule(self) -> SchedulePause:
        return self._do("DELETE", "/tasks/scheduled/pause", SchedulePause)

    def try_nvd_key(self, key: str) -> KeyVerdict:
        return self._do("POST", "/sources/nvd/key", KeyVerdict, {"key": key}, wait_s=_NVD_WAIT_S)

    def _get(self, path: str, kind: type[Message], params: Params | None = None) -> Message:
        return self._transport.call("GET", path, params=params).as_message(kind)

    def _do(
        self, method: str, path: str, kind: type[Message], body: Json = None, *, wait_s: float = CHANGE_WAIT_S
    ) -> Message:
        answer = self._transport.call(method, path, body=body, wait_s=wait_s)
        if answer.good:
            self._changed()
        return answer.as_message(kind)


def _ours(presence: _Presence) -> _Presence:
    if presence.program != PROGRAM:
        raise ApiNonsense("another program answers", OTHER_PORT_HINT)
    return presence
