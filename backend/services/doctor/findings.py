"""Findings of checks: passed, failed with an error, or a missing part of the program."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.errors import OpenThreatError
from backend.contract.problems import CheckState, Finding, ProblemId, Remedy, problem


def well(name: str, title: str, message: str = "") -> Finding:
    return Finding(name=name, state=CheckState.OK, title=title, message=message)


def failed(name: str, error: OpenThreatError, remedies: tuple[Remedy, ...] = ()) -> Finding:
    return Finding.of(name, replace(error.problem, remedies=remedies))


def incomplete(name: str, title: str, reason: str = "", hint: str | None = None) -> Finding:
    """Return the finding that a part of the program is missing or does not work.

    Args:
        hint: Replaces the advice to install the program again.
    """
    words = {"title": title, "reason": reason}
    return Finding.of(name, problem(ProblemId.PROGRAM_INCOMPLETE, words if hint is None else {**words, "hint": hint}))
