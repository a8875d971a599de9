"""The peer's side: a process that ingests the pages it is sent, one after the other, until its input ends.

An error ends it; the worker then ingests the page itself, and has the same error if it was not one of this process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import BinaryIO

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors.connector import Unwatched
from backend.contract.errors import RunLost
from backend.contract.names import Source
from backend.contract.wire import utc_now
from backend.services.update.completion import rare_garbage_collection
from backend.services.update.outcome import PartOutcome
from backend.services.update.page import PageIngest, PagePart, Parse
from backend.services.update.peer_messages import TASKS, PageDone, PageTask, Ready, received, send
from backend.services.update.update import source_entries
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunRepository
from backend.store.retry import retry_while_away


def serve_pages(settings: Settings, tasks: BinaryIO, answers: BinaryIO, end: Callable[[], None]) -> None:
    """Ingest all pages of an input.

    Args:
        end: ends the process. It is called from a thread when the input ends, whatever is done at that moment: what is
            not committed then is not written.

    Raises:
        RunLost: another worker has taken the run over.
        StoreUnavailable, StoreFull, StoreDamaged
    """
    waiting: SimpleQueue[PageTask] = SimpleQueue()

    def read() -> None:
        try:
            for task in received(tasks, TASKS):
                waiting.put(task)
        finally:
            end()

    threading.Thread(target=read, name="tasks", daemon=True).start()
    pages = _PageService(settings)
    send(answers, Ready())
    with rare_garbage_collection():
        while True:
            task = waiting.get()
            outcomes = retry_while_away(time.sleep, partial(pages.ingest, task))
            send(answers, PageDone(task.number, outcomes))


class _PageService:
    def __init__(self, settings: Settings) -> None:
        self._settings, self._database, self._entries = settings, Database(settings.database_url), source_entries()
        self._parsers: dict[Source, Parse] = {}

    def ingest(self, task: PageTask) -> list[PartOutcome]:
        for part in task.parts:
            if isinstance(part, PagePart):
                self._connect(part.feed.source)
        ingest = PageIngest(
            self._database,
            task.source,
            task.lease.task_id,
            partial(_fence, task.lease),
            self._parsers,
            task.merged_up_to,
            utc_now,
            thresholds=None,
        )
        return ingest.ingest(task.parts)

    def _connect(self, source: Source) -> None:
        """Add the parser of a source; not of all at once, since a wrong address of one must not affect the others."""
        if source not in self._parsers:
            self._parsers[source] = self._entries[source].connect(self._settings, Unwatched()).parse


def _fence(lease: Lease, connection: Connection) -> None:
    if not RunRepository(connection).holds(lease):
        raise RunLost("Taken over", "Another worker has taken over this run.")
