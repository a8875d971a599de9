"""Short ways to say what a check found."""

from __future__ import annotations

from typing import NamedTuple

from backend.contract.errors import OpenThreatError
from backend.contract.problems import CheckState, Finding, RemedyAction


class Mending(NamedTuple):
    """What the program can do about a finding, and to which service."""

    action: str = ""
    service: str = ""


NOTHING = Mending()
UPDATE = Mending(RemedyAction.UPDATE_NOW)
SETTINGS = Mending(RemedyAction.OPEN_SETTINGS)
FOLDER = Mending(RemedyAction.OPEN_FOLDER)


def restart(service: str) -> Mending:
    return Mending(RemedyAction.RESTART_SERVICE, service)


def well(name: str, title: str, message: str = "") -> Finding:
    return Finding(name=name, state=CheckState.OK, title=title, message=message)


def warning(name: str, title: str, message: str, remedy: str, mending: Mending = NOTHING) -> Finding:
    return _amiss(CheckState.WARNING, name, title, message, remedy, mending)


def problem(name: str, title: str, message: str, remedy: str, mending: Mending = NOTHING) -> Finding:
    return _amiss(CheckState.PROBLEM, name, title, message, remedy, mending)


def failed(name: str, error: OpenThreatError, mending: Mending = NOTHING) -> Finding:
    return problem(name, error.title, error.message, error.hint, mending)


def _amiss(state: CheckState, name: str, title: str, message: str, remedy: str, mending: Mending) -> Finding:
    return Finding(name=name, state=state, title=title, message=message, remedy=remedy, **mending._asdict())
