"""What an update brought, in vulnerabilities: its sources count records, of which most are scores that moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from backend.store.repositories.metadata import FactRepository

_BEGAN = "update_began"


def note_beginning(connection: Connection, run_id: str, now: datetime) -> datetime:
    """When this run began for the first time: one that was interrupted goes on under the same id."""
    facts = FactRepository(connection)
    moment, _, noted = (facts.get(_BEGAN) or "").partition(" ")
    if noted == run_id:
        return datetime.fromisoformat(moment)
    facts.set(_BEGAN, f"{now.isoformat()} {run_id}")
    return now
