"""What a task's body may ask of the run that it belongs to."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from backend.connectors.connector import Watch
from backend.contract.names import Source


class Run(Watch, Protocol):
    """One run of a task. All methods may be called from the task's own thread only."""

    @property
    def id(self) -> str:
        """The Celery task id, which is the ledger's key as well."""

    def fence(self, connection: Connection) -> None:
        """To be called first in every writing transaction. Raises RunLost when another worker has taken it over."""

    def source(self, source: Source, **facts: object) -> None:
        """Where the run stands with one source: JSON-able facts for `progress.sources`, replacing earlier ones."""
