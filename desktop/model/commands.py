"""What the reducer wants done. The supervisor does it and tells of the outcome by an event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spawn:
    service: str


@dataclass(frozen=True)
class AskToStop:
    service: str


@dataclass(frozen=True)
class KillTree:
    service: str


Command = Spawn | AskToStop | KillTree
