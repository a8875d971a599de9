"""The embedded stack: SQLite files in the data folder, so no server has to be started."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from desktop.stack import StackUnavailable

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class EmbeddedStack:
    name = "embedded"

    def __init__(self, home: Path) -> None:
        self._broker = home / "broker.db"

    def bring_up(self) -> None:
        """Move a damaged broker file aside; the services create the SQLite files.

        The broker holds nothing that is not in the ledger, so no data are lost.

        Raises:
            StackUnavailable: The damaged file cannot be moved.
        """
        try:
            if _is_damaged(self._broker):
                self._broker.replace(self._broker.with_name("broker.damaged.db"))
                for companion in ("-wal", "-shm"):
                    self._broker.with_name(self._broker.name + companion).unlink(missing_ok=True)
        except OSError as error:
            raise StackUnavailable(problem(ProblemId.BROKER_DAMAGED, {"reason": f"{error}."})) from error

    def check(self) -> None:
        """Files are always available."""

    def take_down(self, *, closing: bool) -> None:
        """There is nothing to stop."""


def _is_damaged(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.Error as error:
        code: int = error.sqlite_errorcode
        return code & 0xFF in _DAMAGED
