"""Findings of checks: passed, failed with an error, or a missing part of the program."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.diagnosis import CheckResult, CheckState
from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import problem


def well(name: str, title: str, message: str = "") -> CheckResult:
    return CheckResult(name=name, state=CheckState.OK, title=title, message=message)


def failed(name: str, error: OpenThreatError, remedies: tuple[Remedy, ...] = ()) -> CheckResult:
    return CheckResult.of(name, replace(error.problem, remedies=remedies))


def incomplete(name: str, title: str, reason: str = "", hint: str | None = None) -> CheckResult:
    """Return the finding that a part of the program is missing or does not work.

    Args:
        hint: Replaces the advice to install the program again.
    """
    words = {"title": title, "reason": reason}
    return CheckResult.of(
        name, problem(ProblemId.PROGRAM_INCOMPLETE, words if hint is None else {**words, "hint": hint})
    )
