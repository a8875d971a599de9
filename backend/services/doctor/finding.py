"""Short ways to say what a check found."""

from __future__ import annotations

from backend.contract.diagnosis import CheckState, Finding
from backend.errors import OpenThreatError


def well(name: str, title: str, message: str = "") -> Finding:
    return Finding(name=name, state=CheckState.OK, title=title, message=message)


def warning(name: str, title: str, message: str, remedy: str) -> Finding:
    return Finding(name=name, state=CheckState.WARNING, title=title, message=message, remedy=remedy)


def problem(name: str, title: str, message: str, remedy: str) -> Finding:
    return Finding(name=name, state=CheckState.PROBLEM, title=title, message=message, remedy=remedy)


def failed(name: str, error: OpenThreatError) -> Finding:
    return problem(name, error.title, error.message, error.hint)
