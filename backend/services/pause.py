"""A pause of the schedule: one for everyone who shares the database. Runs asked for by hand take no notice of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from backend.contract.errors import OpenThreatError
from backend.contract.schedule import PauseWanted, SchedulePause
from backend.store.repositories.metadata import FactRepository

_FACT = "schedule_pause"
"""The PauseWanted as JSON."""
RUNNING = SchedulePause()


class BadPause(OpenThreatError):  # noqa: N818 - names what came in, not a fault of the program
    """A pause that would be over before it begins."""


def current_pause(connection: Connection, now: datetime) -> SchedulePause:
    """A pause whose time has come is over, whether or not anybody was there to see it end."""
    kept = FactRepository(connection).get(_FACT)
    if kept is None:
        return RUNNING
    until = PauseWanted.model_validate_json(kept).until
    return RUNNING if until is not None and until <= now else SchedulePause(paused=True, until=until)


def pause(connection: Connection, wanted: PauseWanted, now: datetime) -> SchedulePause:
    """Replaces a pause that there is already. Raises BadPause."""
    if wanted.until is not None and wanted.until <= now:
        raise BadPause(
            "The pause cannot end in the past",
            f"{wanted.until:%Y-%m-%d %H:%M} UTC is over.",
            "Name a later moment, or none to pause until somebody resumes.",
        )
    FactRepository(connection).set(_FACT, wanted.model_dump_json())
    return SchedulePause(paused=True, until=wanted.until)


def resume(connection: Connection) -> SchedulePause:
    FactRepository(connection).forget(_FACT)
    return RUNNING


def after_pause(moment: datetime | None, paused: SchedulePause) -> datetime | None:
    """When a run due at `moment` can really happen; None: nobody knows."""
    if moment is None or not paused.paused:
        return moment
    return None if paused.until is None else max(moment, paused.until)
