"""Ingest of one source, page by page. A page is one transaction: source records, merged rows, changes and the cursor.

So the database is consistent after every page, and after a kill the next run continues from the cursor. Ingesting a
page twice changes nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from backend.connectors.connector import (
    Connector,
    KnownVersions,
    RecordLookup,
    RecordPage,
)
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.contract.settings import InboxThresholds
from backend.contract.tasks import RunPhase, SourceStage
from backend.domain.claims import Feed
from backend.services.runs.queue import Run
from backend.services.update.cursor import advance
from backend.services.update.outcome import PartOutcome, Refusals, SourceOutcome, one_error
from backend.services.update.page import PageIngest, PagePart, Parse
from backend.services.update.page_execution import OwnPages, PageExecution, SharedPages
from backend.services.update.peer import Peer
from backend.services.update.progress import SourceRun
from backend.services.update.sweep import SweepTracker, doubt_until, end_doubt, short_listing
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import RecordId
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)

WITHDRAWAL_PAGE = 2000


@dataclass(frozen=True)
class Companion:
    """Another source whose records are read, merged and written together with those of each page: in a first load, so
    that every vulnerability is merged once.

    lookup: opens its records for reading by id with the first call that finds them there; None before. outcome: counts
    them.
    """

    source: Source
    parse: Parse
    parser_version: int
    lookup: Callable[[], RecordLookup | None]
    outcome: SourceOutcome


def known_versions(database: Database, run: Run) -> KnownVersions:
    """The look-up of stored versions for connectors, which waits while the database is away."""

    def look_up(feed: Feed, ids: Sequence[str]) -> dict[str, str]:
        def read() -> dict[str, str]:
            with database.reading() as connection:
                return IngestRepository(connection).versions(feed, ids)

        return retry_while_away(run.sleep, read)

    return look_up


class Ingest:
    """The ingest of one source in one run.

    Args:
        pages: of the connector.
        parser_version: salts the record hashes.
        merged_up_to, thresholds: as for `PageIngest`.
        outcome: counts the records, perhaps beside those that were read as a companion's before.
        companions: the sources whose records are ingested together with this one's.
        peer: ingests some of the pages of a first load.
    """

    def __init__(
        self,
        database: Database,
        run: SourceRun,
        connector: Connector,
        pages: Iterable[RecordPage],
        parser_version: int,
        merged_up_to: str | None,
        clock: Callable[[], datetime],
        outcome: SourceOutcome,
        *,
        thresholds: InboxThresholds | None,
        companions: Iterable[Companion] = (),
        peer: Peer | None = None,
    ) -> None:
        self._database, self._run, self._clock = database, run, clock
        self._parser_version, self._companions = parser_version, list(companions)
        self._companion_outcomes = {companion.source: companion.outcome for companion in self._companions}
        self._peer = peer if thresholds is None else None
        parsers: dict[Source, Parse] = {connector.source: connector.parse}
        parsers |= {companion.source: companion.parse for companion in self._companions}
        self._page_ingest = PageIngest(
            database, connector.source, run.id, run.fence, parsers, merged_up_to, clock, thresholds=thresholds
        )
        self._sweeps = SweepTracker(database)
        self._refusals: defaultdict[Feed, Refusals] = defaultdict(Refusals)
        self._errors: list[SourceError] = []
        self._pages = iter(pages)
        self.outcome = outcome
        self._refusals[Feed(connector.source)].add(outcome.seen, outcome.rejected, outcome.problems)

    def ingest(self, *, until: Collection[Feed] = ()) -> SourceOutcome:
        """Ingest all pages, or those before the first of certain feeds; the next call goes on there.

        Raises:
            SourceError: the source failed, or a part of it was kept back. What was read stays.
        """
        try:
            self._ingest_pages(until)
        except SourceError as error:
            self._errors.append(error)
        else:
            if until:
                return self.outcome
        self._errors += [
            refusals.error(self.outcome.source) for refusals in self._refusals.values() if refusals.unusual
        ]
        if self._errors:
            raise one_error(self._errors)
        return self.outcome

    def _ingest_pages(self, until: Collection[Feed]) -> None:
        with self._execution() as execution:
            for page in self._pages:
                if page.feed in until:
                    self._pages = chain([page], self._pages)
                    break
                self._run.checkpoint()
                self._ingest_page(page, execution)
                self._run.progress(RunPhase.READING, page.done, page.total, page.part, share=page.share)
                self._run.source(self.outcome.source, state=SourceStage.RUNNING, **self.outcome.counts())

    def _execution(self) -> PageExecution[RecordPage]:
        if self._peer is not None:
            return SharedPages(self._run, self._page_ingest, self._accept, self._peer)
        in_background = self._database.writes_in_server
        return OwnPages(self._run, self._page_ingest, self._accept, in_background=in_background)

    def _ingest_page(self, page: RecordPage, execution: PageExecution[RecordPage]) -> None:
        if page.sweep:
            self._sweeps.add(page)
        execution.put(page, self._parts_of(page))
        if page.sweep == "last":
            execution.settle()
            if not page.kept_back:
                self._finish_listing(page)

    def _accept(self, page: RecordPage, outcomes: Sequence[PartOutcome]) -> bytes | None:
        """Count the outcomes of a page, and return the cursor that holds once it is written."""
        own, *beside = outcomes
        page.kept_back = self._is_refused(page, own)
        self.outcome.absorb_page(len(page.records) + len(page.problems), own, listing=bool(page.sweep))
        self.outcome.reject(page.problems)
        for part in beside:
            self._companion_outcomes[part.source].absorb_beside(part)
        return None if page.kept_back or page.sweep == "last" else page.cursor

    def _is_refused(self, page: RecordPage, own: PartOutcome) -> bool:
        """Whether so much of the page's feed was unusable that it does not count as read."""
        refusals = self._refusals[page.feed]
        refusals.add(
            len(page.records) + len(page.problems),
            len(page.problems) + own.rejected,
            [*page.problems, *own.problems],
        )
        return refusals.unusual

    def _parts_of(self, page: RecordPage) -> list[PagePart]:
        parts = [PagePart(page.feed, self._parser_version, page.records)]
        ids = [record.vulnerability_id for record in page.records if record.vulnerability_id is not None]
        return parts + [part for companion in list(self._companions) if (part := self._part_of(companion, ids))]

    def _part_of(self, companion: Companion, ids: Sequence[str]) -> PagePart | None:
        """The companion's records of these vulnerabilities. One that fails is left to its own update."""
        try:
            lookup = companion.lookup()
            records = lookup.records(ids) if lookup else ()
        except SourceError as error:
            log.warning("%s is not read beside %s: %s", companion.source, self.outcome.source, error)
            self._companions.remove(companion)
            return None
        return PagePart(lookup.feed, companion.parser_version, records) if lookup and records else None

    # -- complete listings --------------------------------------------------------------------------------------------
    def _finish_listing(self, page: RecordPage) -> None:
        """Withdraw the records that are not listed, then let the cursor mark the listing as read."""
        listing = self._sweeps.finished(page.feed)
        if listing.short:
            until = retry_while_away(self._run.sleep, partial(self._doubt_until, page.feed))
            if self._clock() < until:
                page.kept_back = True
                self._errors.append(short_listing(self.outcome.source, listing, until))
                return
        for start in range(0, len(listing.unlisted), WITHDRAWAL_PAGE):
            self._run.checkpoint()
            self._withdraw(page.feed, set(listing.unlisted[start : start + WITHDRAWAL_PAGE]))
        retry_while_away(self._run.sleep, partial(self._mark_read, page))

    def _doubt_until(self, feed: Feed) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return doubt_until(connection, feed, self._clock())

    def _mark_read(self, page: RecordPage) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            end_doubt(connection, page.feed)
            advance(connection, self.outcome.source, page.cursor)

    def _withdraw(self, feed: Feed, withdrawn: set[RecordId]) -> None:
        work = self._page_ingest.compute_withdrawal((feed, record_id) for record_id in withdrawn)
        self._page_ingest.write(work, cursor=None)
        self.outcome.withdrawn += len(withdrawn)
