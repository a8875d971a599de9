"""Where the pages of a source are ingested: in this process alone, or here and by a peer.

Both keep the rule that the stored cursor covers only pages that are written. Alone, a page's cursor is written in the
page's own transaction. With a peer, pages end in any order; the cursor follows when all pages before it are written. A
page that was written and is not covered yet when the program is killed is read again, and found unchanged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from backend.contract.errors import SourceError
from backend.services.runs.queue import Run
from backend.services.update.outcome import PartOutcome
from backend.services.update.page import PageIngest, Part
from backend.services.update.peer import Peer
from backend.services.update.peer_messages import PageTask
from backend.services.update.pipelined_writer import PipelinedWriter
from backend.store.retry import retry_while_away

_POLL = 0.2  # seconds
_AHEAD = 1
"""Pages that wait for the peer while this process ingests one, so that the peer always finds a next one."""

Page = TypeVar("Page")
"""A page, as the reader of the source defines it; here only its parts are used. The first one has all its ids."""
_Page_contra = TypeVar("_Page_contra", contravariant=True)
Accept = Callable[[Page, Sequence[PartOutcome]], bytes | None]
"""Takes the outcomes of a page, in the order of pages, and returns the cursor that holds once it is written."""


class PageExecution(Protocol[_Page_contra]):
    """Ingests pages. Leaving the block waits for all of them, unless the run is being stopped."""

    def put(self, page: _Page_contra, parts: Sequence[Part]) -> None:
        """Ingest a page, perhaps in the background. Raises the errors of earlier ones."""

    def settle(self) -> None:
        """Wait until all pages are written and accepted; raises their errors."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def _may_meet(ids: set[str | None], others: set[str | None]) -> bool:
    """Whether two pages may have vulnerabilities in common. Those of EUVD's records are known only after parsing."""
    return None in ids or None in others or not ids.isdisjoint(others)


class OwnPages(Generic[Page]):
    """Ingests all pages in this process."""

    def __init__(self, run: Run, ingest: PageIngest, accept: Accept[Page], *, in_background: bool) -> None:
        """in_background: as for `PipelinedWriter`."""
        self._run, self._ingest, self._accept = run, ingest, accept
        self._writer = PipelinedWriter(run, in_background=in_background)
        self._ids: set[str | None] = set()

    def put(self, page: Page, parts: Sequence[Part]) -> None:
        ids = parts[0].ids
        if _may_meet(ids, self._ids):  # it reads what the one before may have written
            self._writer.settle()
        self._ids = ids
        work = retry_while_away(self._run.sleep, partial(self._ingest.compute, parts))
        cursor = self._accept(page, work.outcomes)
        self._writer.put(partial(self._ingest.write, work, cursor), partial(self._ingest.ingest, parts, cursor))

    def settle(self) -> None:
        self._writer.settle()

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)


@dataclass
class _Open(Generic[Page]):
    """A page that is not accepted yet. outcomes: None until it is written."""

    number: int
    page: Page
    ids: set[str | None]
    outcomes: Sequence[PartOutcome] | None = None


class OpenPages(Generic[Page]):
    """The pages that are not accepted yet, in their order."""

    def __init__(self) -> None:
        self._pages: deque[_Open[Page]] = deque()
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._pages)

    def add(self, page: Page, ids: set[str | None]) -> int:
        """Add the next page and return its number. ids: of its vulnerabilities."""
        self._count += 1
        self._pages.append(_Open(self._count, page, ids))
        return self._count

    def meet(self, ids: set[str | None]) -> bool:
        """Whether a page with these ids may have vulnerabilities in common with an open one."""
        return any(_may_meet(ids, opened.ids) for opened in self._pages)

    def note(self, number: int, outcomes: Sequence[PartOutcome]) -> None:
        """Note that a page is written."""
        for opened in self._pages:
            if opened.number == number:
                opened.outcomes = outcomes

    def take_written(self) -> list[tuple[Page, Sequence[PartOutcome]]]:
        """Take the written pages before which no page is missing."""
        taken = []
        while self._pages and (outcomes := self._pages[0].outcomes) is not None:
            taken.append((self._pages.popleft().page, outcomes))
        return taken


class SharedPages(Generic[Page]):
    """Ingests pages here and by a peer."""

    def __init__(self, run: Run, ingest: PageIngest, accept: Accept[Page], peer: Peer) -> None:
        self._run, self._ingest, self._accept, self._peer = run, ingest, accept, peer
        self._open = OpenPages[Page]()

    def put(self, page: Page, parts: Sequence[Part]) -> None:
        ids = parts[0].ids
        if self._open.meet(ids):
            self.settle()
        number = self._open.add(page, ids)
        ingest = self._ingest
        self._peer.offer(PageTask(number, ingest.source, list(parts), ingest.merged_up_to, self._run.lease))
        self._ingest_here(leaving=_AHEAD)
        self._collect()

    def settle(self) -> None:
        self._ingest_here(leaving=0)
        while self._open:
            self._run.checkpoint()
            self._collect(_POLL)
            self._ingest_here(leaving=0)

    def _ingest_here(self, *, leaving: int) -> None:
        while (task := self._peer.take_back(leaving=leaving)) is not None:
            outcomes = retry_while_away(self._run.sleep, partial(self._ingest.ingest, task.parts))
            self._open.note(task.number, outcomes)
            self._collect()

    def _collect(self, within: float = 0.0) -> None:
        for done in self._peer.done(within):
            self._open.note(done.number, done.outcomes)
        cursor = None
        for page, outcomes in self._open.take_written():
            cursor = self._accept(page, outcomes) or cursor
        if cursor is not None:
            retry_while_away(self._run.sleep, partial(self._ingest.advance, cursor))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, SourceError):
            self.settle()
