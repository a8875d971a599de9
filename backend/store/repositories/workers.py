"""Worker and beat processes: one row each, updated by its heartbeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from backend.contract.errors import StoreTooOld
from backend.contract.names import Role
from backend.store.tables import workers
from backend.system.machine import host_name

MOST_NAMED = 5  # PCs


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One process. `process_started` is the system's start time of the pid in seconds; `beats` counts heartbeats."""

    name: str
    role: Role
    host: str
    pid: int
    process_started: float
    queues: tuple[str, ...]
    registered_tasks: tuple[str, ...]
    version: str
    started_at: datetime
    heartbeat_at: datetime
    beats: int
    current_task_id: str | None = None
    current_task_name: str | None = None
    task_started_at: datetime | None = None
    progress_at: datetime | None = None
    tasks_done: int = 0
    tasks_failed: int = 0
    memory_bytes: int | None = None


IN_USE = timedelta(minutes=10)
"""Age of a heartbeat up to which its process counts as working. Clocks of PCs may be some minutes apart."""


def check_unused_by_others(connection: Connection, now: datetime) -> None:
    """Check that no process of another PC works with the database, before its schema is changed.

    The columns that are read are those of the first revision.

    Raises:
        StoreTooOld: At least one does; the message names the PCs.
    """
    query = select(workers.c.host).where(workers.c.host != host_name(), workers.c.heartbeat_at > now - IN_USE)
    hosts = sorted(set(connection.execute(query).scalars()))
    if hosts:
        names = ", ".join(hosts if len(hosts) <= MOST_NAMED else [*hosts[:MOST_NAMED], "…"])
        raise StoreTooOld(
            "Other PCs use the database with an older version of the program",
            f"They are {names}. Nothing was changed.",
            "Install the new version on those PCs, or quit the program there. "
            "Then this PC brings the database up to date.",
        )


class WorkerRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: WorkerRow) -> None:
        """Write the row of this process. No other process writes it, so nothing is inserted between the statements."""
        values = asdict(row)
        if not self._connection.execute(update(workers).where(workers.c.name == row.name).values(values)).rowcount:
            self._connection.execute(insert(workers).values(values))

    def all(self, role: Role | None = None) -> Sequence[WorkerRow]:
        query = select(workers).order_by(workers.c.name)
        if role is not None:
            query = query.where(workers.c.role == role)
        return [_worker(dict(row._mapping)) for row in self._connection.execute(query)]

    def remove(self, name: str, beats: int | None = None) -> bool:
        """Delete a row; with `beats` only if no heartbeat has been counted since."""
        statement = delete(workers).where(workers.c.name == name)
        if beats is not None:
            statement = statement.where(workers.c.beats == beats)
        return self._connection.execute(statement).rowcount == 1


def _worker(values: dict[str, object]) -> WorkerRow:
    return WorkerRow(**{**values, "role": Role(str(values["role"]))})  # type: ignore[arg-type]
