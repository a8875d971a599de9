"""The last answers that pages showed, kept on the disk so that the first view after a start is not empty."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from backend.contract.folder_rights import PRIVATE
from backend.system.files import write_atomically

MAX_BYTES = 4_000_000
"""Of one answer; a longer one is not kept. The exposure of a PC with 2,000 programs takes half of it."""

Answer = TypeVar("Answer", bound=BaseModel)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LastAnswer(Generic[Answer]):
    """at: when the API last gave it (UTC)."""

    answer: Answer
    at: datetime


class LastAnswers:
    """One file for each page, in a private folder: the name of the database, a line feed, the answer as JSON.

    A file that is lost, damaged, of another version or too long counts as none. All methods block.

    Args:
        home: The data folder.
        database: Names the database in use, differently from every other one.
    """

    def __init__(self, home: Path, database: Callable[[], str]) -> None:
        self._folder, self.database = home / "last-answers", database
        self._written: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def read(self, page: str, shape: type[Answer]) -> LastAnswer[Answer] | None:
        """Return the last answer of the database in use; None where there is none."""
        path = self._path(page)
        try:
            with path.open("rb") as file:
                content, changed_at = file.read(MAX_BYTES + 1), os.fstat(file.fileno()).st_mtime
            database, _, answer = content.partition(b"\n")
            if database != self.database().encode() or len(content) > MAX_BYTES:
                return None
            return LastAnswer(shape.model_validate_json(answer), datetime.fromtimestamp(changed_at, UTC))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, OverflowError) as error:  # a ValidationError is a ValueError
            _log.warning("%s cannot be used, so the page waits for a new answer: %s", path, _summary(error))
            return None

    def write(self, page: str, database: str, answer: BaseModel) -> None:
        """Keep an answer. database: its name when the answer was asked for, which may not be in use any more."""
        content = database.encode() + b"\n" + answer.model_dump_json().encode()
        path = self._path(page)
        with self._lock:
            try:
                self._replace(path, content)
            except OSError as error:
                _log.warning("The next start begins with an empty page, since %s cannot be written: %s", path, error)

    def _replace(self, path: Path, content: bytes) -> None:
        """An unchanged answer only gets a new time."""
        if len(content) > MAX_BYTES:
            path.unlink(missing_ok=True)
        elif self._written.get(path.name) == content and path.exists():
            os.utime(path)
        else:
            self._folder.mkdir(PRIVATE, exist_ok=True)
            write_atomically(path, content, private=True)
            self._written[path.name] = content

    def _path(self, page: str) -> Path:
        return self._folder / f"{page}.json"


def _summary(error: Exception) -> str:
    """In one line and without values: they name what is installed."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
