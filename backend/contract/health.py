"""Identity of the API process and the health of its dependencies."""

from __future__ import annotations

import hashlib
import os
from enum import StrEnum
from pathlib import Path

from backend.contract.errors import ErrorFields
from backend.contract.wire import Instant, Wire

PROGRAM = "openthreat"
INSTANCE_VARIABLE = "OPENTHREAT_SUPERVISED"
"""Environment variable by which a supervisor passes its id to its child processes."""


class DependencyState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    DOWN = "down"


class Dependency(Wire):
    state: DependencyState
    message: str
    error: ErrorFields | None = None  # why it cannot be used


class Presence(Wire):
    """Identity of the API process that listens on the port."""

    program: str = PROGRAM
    version: str
    pid: int
    instance: str | None = None  # id of the supervisor that started the API; null: started by hand
    home: str
    """Fingerprint of the data folder: shows whether two processes use the same data without revealing the path."""
    started_at: Instant


class Health(Presence):
    """Health of all dependencies. The HTTP status is always 200; `status` is the worst of the four states."""

    status: DependencyState
    database: Dependency
    broker: Dependency
    workers: Dependency
    beat: Dependency


def home_fingerprint(home: Path) -> str:
    """Return 16 hex digits that are the same for every spelling of the same folder."""
    spelling = os.path.normcase(os.path.realpath(home))
    return hashlib.sha256(spelling.encode("utf-8", "surrogatepass")).hexdigest()[:16]
