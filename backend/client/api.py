"""The API, as the desktop asks it: short waits, bounded answers, loopback never through a proxy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode

import urllib3
from pydantic import ValidationError

from backend.client.transport import ApiAbsent, ApiNonsense, ApiRefused, ApiSilent
from backend.contract.errors import ErrorBody
from backend.contract.health import PROGRAM, Health, Presence
from backend.contract.names import TaskName
from backend.contract.schedule import PauseWanted, ScheduleChange, ScheduledTask, SchedulePause, SchedulePreview
from backend.contract.snapshot import Snapshot
from backend.contract.sources import KeyVerdict
from backend.contract.tasks import TaskAccepted, TaskCancelled, TaskPage, TaskRun
from backend.contract.vulnerabilities import (
    ChangeList,
    ListedPage,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
)
from backend.contract.wire import Wire
from backend.contract.workers import WorkersStatus

Message = TypeVar("Message", bound=Wire)
Answerer = TypeVar("Answerer", bound=Presence)
Params = Mapping[str, str | int | float | Sequence[str]]
_REQUESTS = {
    TaskName.UPDATE: "update-vulnerabilities",
    TaskName.MANUAL_UPDATE: "update-vulnerabilities",
    TaskName.CLEAN_CACHE: "clean-cache",
    TaskName.UPDATE_STATS: "update-stats",
    TaskName.TEST: "test",
}
_DONE = (HTTPStatus.OK, HTTPStatus.ACCEPTED)
_PREFIX = "/api/v1"
_JSON = {"Content-Type": "application/json"}
_NVD_WAIT_S = 30.0  # NVD is asked meanwhile, and takes its time
_MAX_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Fresh:
    """A snapshot, and the tag by which the next question can say that this one is known."""

    snapshot: Snapshot
    tag: str


class ApiClient:
    """Used by one thread. wait_s: for connecting, and again for the whole answer.

    changed: called when the API has done something that it was asked for, so that somebody may look at what came of it.
    """

    def __init__(
        self, base: str, token: str = "", *, wait_s: float = 2.0, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._wait_s, self._changed = wait_s, changed
        # Not `requests`: most of what an idle tray does is to ask, and each question would cost it half as much again.
        self._pool = urllib3.connection_from_url(base)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def live(self) -> Presence:
        """Raises ApiError, as every call here; ApiNonsense where another program answers."""
        return _ours(self._get("/live", Presence))

    def health(self) -> Health:
        """The same with what the API says of all that it depends on, which takes it ten times as long."""
        return _ours(self._get("/health", Health))

    def workers(self) -> WorkersStatus:
        return self._get("/tasks/workers/status", WorkersStatus)

    def snapshot(self, tag: str = "") -> Fresh | None:
        """tag: of the one that is known; None: it still holds."""
        answer = self._ask("GET", "/snapshot", headers={"If-None-Match": tag} if tag else {})
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        return Fresh(_understood(answer, Snapshot), answer.tag)

    def vulnerabilities(self, filters: Params) -> VulnerabilityPage:
        """filters: the parameters of GET /vulnerabilities by name."""
        return self._get("/vulnerabilities", VulnerabilityPage, filters)

    def listed(self, filters: Params) -> ListedPage:
        """The same, of each only what a list shows."""
        return self._get("/vulnerabilities", ListedPage, {**filters, "brief": "true"})

    def portion(self, filters: Params, after: str) -> VulnerabilityPortion:
        """All that fit, from `next` of the portion before; empty: from the beginning. filters: without a page."""
        return self._get("/vulnerabilities/all", VulnerabilityPortion, {**filters, "after": after})

    def vulnerability(self, cve_id: str) -> Vulnerability:
        return self._get(f"/vulnerabilities/{_quoted(cve_id)}", Vulnerability)

    def changes(self, cve_id: str) -> ChangeList:
        return self._get(f"/vulnerabilities/{_quoted(cve_id)}/changes", ChangeList)

    def runs(self, filters: Params) -> TaskPage:
        """filters: the parameters of GET /tasks by name."""
        return self._get("/tasks", TaskPage, filters)

    def run(self, task_id: str) -> TaskRun:
        return self._get(f"/tasks/{_quoted(task_id)}", TaskRun)

    def request_run(self, task: TaskName) -> TaskAccepted:
        """Queues a run; where an update waits or runs already, that one is named instead."""
        return _understood(self._ask("POST", f"/tasks/{_REQUESTS[task]}"), TaskAccepted)

    def cancel(self, task_id: str) -> TaskCancelled:
        return _understood(self._ask("POST", f"/tasks/{_quoted(task_id)}/cancel"), TaskCancelled)

    def change_schedule(self, name: str, change: ScheduleChange) -> ScheduledTask:
        body = change.model_dump(mode="json", exclude_none=True)
        return _understood(self._ask("PATCH", f"/tasks/scheduled/{_quoted(name)}", body=body), ScheduledTask)

    def reset_schedule(self, name: str) -> ScheduledTask:
        return _understood(self._ask("POST", f"/tasks/scheduled/{_quoted(name)}/reset"), ScheduledTask)

    def preview_schedule(self, line: str) -> SchedulePreview:
        return self._get("/tasks/scheduled/preview", SchedulePreview, {"schedule": line})

    def pause_schedule(self, until: datetime | None) -> SchedulePause:
        """until: aware; None: until somebody resumes."""
        body = PauseWanted(until=until).model_dump(mode="json")
        return _understood(self._ask("PUT", "/tasks/scheduled/pause", body=body), SchedulePause)

    def resume_schedule(self) -> SchedulePause:
        return _understood(self._ask("DELETE", "/tasks/scheduled/pause"), SchedulePause)

    def try_nvd_key(self, key: str) -> KeyVerdict:
        return _understood(self._ask("POST", "/sources/nvd/key", body={"key": key}, wait_s=_NVD_WAIT_S), KeyVerdict)

    def _get(self, path: str, kind: type[Message], params: Params | None = None) -> Message:
        return _understood(self._ask("GET", path, params=params), kind)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        wait_s: float | None = None,
    ) -> _Answer:
        wait_s = wait_s or self._wait_s
        until = time.monotonic() + wait_s
        try:
            with self._pool.urlopen(
                method,
                _PREFIX + path + (f"?{urlencode(params, doseq=True)}" if params else ""),
                body=None if body is None else json.dumps(body).encode(),
                headers={**self._headers, **(headers or {}), **(_JSON if body is not None else {})},
                timeout=wait_s,
                retries=False,
                redirect=False,
                preload_content=False,
            ) as response:
                answer = _Answer(response.status, self._body(response, until), response.headers.get("ETag", ""))
        except urllib3.exceptions.NewConnectionError as error:
            if isinstance(error.__cause__, ConnectionRefusedError):
                raise ApiAbsent("nobody listens there") from error
            raise ApiSilent("there is no way to it") from error
        except urllib3.exceptions.ConnectTimeoutError as error:
            raise ApiSilent("no connection in time") from error
        except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
            raise ApiSilent(f"no answer within {wait_s:.0f} s") from error
        except urllib3.exceptions.ProtocolError as error:
            raise ApiSilent("the connection was closed without an answer") from error
        except urllib3.exceptions.HTTPError as error:
            raise ApiNonsense("the answer is not HTTP") from error
        if method != "GET" and answer.status in _DONE:
            self._changed()
        return answer

    def _body(self, response: urllib3.BaseHTTPResponse, until: float) -> bytes:
        """Taken as it comes, since each read waits for itself only: a trickle has to be cut off by hand."""
        body = b""
        try:
            while chunk := response.read1(64 * 1024, decode_content=True):
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise ApiNonsense("the answer is far too long")
                if time.monotonic() > until:
                    raise TimeoutError
        except urllib3.exceptions.ReadTimeoutError as error:
            raise TimeoutError from error
        except urllib3.exceptions.HTTPError as error:
            raise ApiSilent("the answer broke off") from error
        return body


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    tag: str


def _ours(who: Answerer) -> Answerer:
    if who.program != PROGRAM:
        raise ApiNonsense("another program answers")
    return who


def _understood(answer: _Answer, kind: type[Message]) -> Message:
    if answer.status in _DONE:
        try:
            return kind.model_validate_json(answer.body)
        except ValidationError as error:
            raise ApiNonsense("the answer cannot be understood") from error
    try:
        raise ApiRefused(answer.status, ErrorBody.model_validate_json(answer.body).error)
    except ValidationError as error:
        raise ApiRefused(answer.status) from error


def _quoted(part: str) -> str:
    """As one part of a path, whatever stands in it."""
    return quote(part, safe="")
