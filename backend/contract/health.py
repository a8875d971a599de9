"""Who answers on the port, and what each thing it depends on says."""

from __future__ import annotations

import hashlib
import os
from enum import StrEnum
from pathlib import Path

from backend.contract.errors import ErrorFields
from backend.contract.wire import Instant, Wire

PROGRAM = "openthreat"
INSTANCE_VARIABLE = "OPENTHREAT_SUPERVISED"
"""The environment of every child carries the id of the supervisor that started it."""


class DependencyState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    DOWN = "down"


class Dependency(Wire):
    state: DependencyState
    message: str
    error: ErrorFields | None = None  # why it cannot be used


class Presence(Wire):
    """Who answers."""

    program: str = PROGRAM
    version: str
    pid: int
    instance: str | None = None  # of the supervisor that started the API; null: started by hand
    home: str
    """Fingerprint of the data folder: tells whether two processes serve the same data without naming the path."""
    started_at: Instant


class Health(Presence):
    """The API answers 200 as long as it lives; `status` sums up the rest."""

    status: DependencyState
    database: Dependency
    broker: Dependency
    workers: Dependency
    beat: Dependency


def home_fingerprint(home: Path) -> str:
    """The same for every spelling of the same folder."""
    spelling = os.path.normcase(os.path.realpath(home))
    return hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()[:16]
