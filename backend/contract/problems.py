"""What `openthreat doctor` and `openthreat selftest` found.

What a person should read when something is wrong: the same three fields as the API's error body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.contract.wire import Wire


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, but not as it should or not for long
    PROBLEM = "problem"


class RemedyAction(StrEnum):
    """What the program can do by itself, at a click."""

    UPDATE_NOW = "update-now"
    RESTART_SERVICE = "restart-service"  # Finding.service names it
    OPEN_SETTINGS = "open-settings"
    OPEN_FOLDER = "open-folder"  # where the data are


class Finding(Wire):
    """One thing that was looked at. `remedy` is empty where nothing needs to be done.

    action: a RemedyAction that mends it, or leads to where it is mended; empty where only a person can.
    """

    name: str
    state: CheckState
    title: str
    message: str = ""
    remedy: str = ""
    action: str = ""
    service: str = ""  # what RESTART_SERVICE is about: "api", "beat", "worker-slow", or "worker" for all of them


class Diagnosis(Wire):
    healthy: bool
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Diagnosis:
        return cls(healthy=all(finding.state is CheckState.OK for finding in findings), findings=tuple(findings))


class Remedy(StrEnum):
    """What the program itself can do about a trouble: a button."""

    START_DOCKER = "start-docker"
    USE_EMBEDDED = "use-embedded"
    USE_OTHER_PORTS = "use-other-ports"
    FETCH_IMAGES = "fetch-images"
    STOP_FETCHING = "stop-fetching"
    TRY_AGAIN = "try-again"
    OPEN_LOG = "open-log"
    OPEN_SETTINGS = "open-settings"
    OPEN_FOLDER = "open-folder"
    UPDATE_NOW = "update-now"


@dataclass(frozen=True)
class Problem:
    """title: a few words; message: what it means; hint: what to do about it, may be empty.

    remedies: what can be done about it here and now, the best first. details: for those who look closer, such as the
    last lines of a log.
    """

    title: str
    message: str = ""
    hint: str = ""
    remedies: tuple[Remedy, ...] = ()
    details: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.message}" if self.message else self.title
