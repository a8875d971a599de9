"""Files in the data folder: there is nothing to start, and nothing that could be away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from backend.contract.problems import ProblemId, problem
from desktop.stack import StackAway

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class EmbeddedStack:
    name = "embedded"

    def __init__(self, home: Path) -> None:
        self._broker = home / "broker.db"

    def bring_up(self) -> None:
        """SQLite files are made by whoever opens them first.

        A broker's file that is damaged holds nothing that the ledger does not know: it is put aside before anybody
        opens it. Raises StackAway where that is impossible.
        """
        try:
            if _is_damaged(self._broker):
                self._broker.replace(self._broker.with_name("broker.damaged.db"))
                for companion in ("-wal", "-shm"):
                    self._broker.with_name(self._broker.name + companion).unlink(missing_ok=True)
        except OSError as error:
            raise StackAway(problem(ProblemId.BROKER_DAMAGED, {"reason": f"{error}."})) from error

    def check(self) -> None:
        """A file does not go away."""

    def take_down(self, *, closing: bool) -> None:
        """Nothing was started."""


def _is_damaged(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except sqlite3.Error as error:
        code: int = error.sqlite_errorcode
        return code & 0xFF in _DAMAGED
