"""What `openthreat doctor` and `openthreat selftest` found."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from backend.contract.wire import Wire


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, but not as it should or not for long
    PROBLEM = "problem"


class Finding(Wire):
    """One thing that was looked at. `remedy` is empty where nothing needs to be done."""

    name: str
    state: CheckState
    title: str
    message: str = ""
    remedy: str = ""


class Diagnosis(Wire):
    healthy: bool
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Diagnosis:
        return cls(healthy=all(finding.state is CheckState.OK for finding in findings), findings=tuple(findings))
