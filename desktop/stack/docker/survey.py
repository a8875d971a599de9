"""What there is of Docker on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.model.trouble import Trouble
from desktop.stack.docker.states import State


@dataclass(frozen=True)
class Survey:
    """trouble: None where Docker can be used as it is. version: of the engine, or empty."""

    state: State
    trouble: Trouble | None = None
    version: str = ""
