"""Ingest of EPSS: a table of one score for every CVE id, most of which change every day.

The scores are stored by year, so they are compared and written by year: one transaction each. Of a vulnerability that
had a score before, only the columns that follow from it are written. The cursor is written last, with the day's scores
of what concerns the users: killed before that, the next run reads the table again and finds these years unchanged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import Connection

from backend.connectors.connector import ParseError, RawRecord, RecordPage, RecordProblem
from backend.contract.inbox import EventKind
from backend.contract.names import Source
from backend.contract.settings import InboxThresholds
from backend.contract.tasks import RunPhase, SourceStage
from backend.domain.claims import Feed, RecordState
from backend.domain.merge import merge
from backend.domain.news import epss_rose
from backend.domain.priority import facts_of, priority_score
from backend.services.exposure.events import note_events
from backend.services.exposure.watching import watched_terms
from backend.services.update.cursor import advance, reached_by
from backend.services.update.outcome import PartOutcome, Refusals, SourceOutcome, one_error
from backend.services.update.page import Parse
from backend.services.update.progress import SourceRun
from backend.services.update.sweep import Listing, doubt_until, end_doubt, short_listing
from backend.store.engine import Database
from backend.store.repositories.epss import SCALE, EpssRepository, EpssScore, Scores, ScoreTable, cve_id_at, place_of
from backend.store.repositories.epss_history import EpssHistoryRepository
from backend.store.repositories.events import NewEvent
from backend.store.repositories.merged_rows import DailyScores, IngestRepository, MergedRow
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from backend.store.retry import retry_while_away


@dataclass
class _Listed:
    """The listed scores of one year, in the order of FIRST's table. rejected: numbers whose rows could not be read."""

    scores: ScoreTable = field(default_factory=ScoreTable)
    rejected: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Difference:
    """The CVE ids of a year whose scores differ from the stored ones, and all its scores as they were and become."""

    year: int
    before: Scores
    scores: Scores
    added: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]
    unchanged: int

    def risen(self, thresholds: InboxThresholds) -> Iterator[tuple[str, float | None, float]]:
        """The CVE ids whose scores rose, with the score as it was, None for a first one, and as it becomes."""
        for number, score in self.scores.items():
            old = self.before.get(number)
            if old == score:
                continue
            before, after = old and old.epss / SCALE, score.epss / SCALE
            if epss_rose(before, after, thresholds):
                yield cve_id_at(self.year, number), before, after


class EpssIngest:
    """The ingest of EPSS in one run. merged_up_to, thresholds: as for `Ingest`."""

    def __init__(
        self,
        database: Database,
        run: SourceRun,
        parse: Parse,
        pages: Iterable[RecordPage],
        merged_up_to: str | None,
        clock: Callable[[], datetime],
        thresholds: InboxThresholds | None,
    ) -> None:
        self._database, self._run, self._parse_record, self._clock = database, run, parse, clock
        self._thresholds = thresholds
        self._pages, self._merged_up_to = pages, merged_up_to
        self._years: defaultdict[int, _Listed] = defaultdict(_Listed)
        self.outcome = SourceOutcome(Source.EPSS)

    def ingest(self) -> SourceOutcome:
        """Ingest the newest table, if there are pages of one.

        Raises:
            SourceError: the source failed before its table was complete, and nothing was written; or the table is not
                usable as a whole, and only what was read of it was written.
        """
        page = None
        for page in self._pages:
            self._run.checkpoint()
            self._collect(page)
            self._run.progress(RunPhase.READING, page.done, page.total, page.part, share=page.share)
            self._run.source(self.outcome.source, state=SourceStage.RUNNING, **self.outcome.counts())
        if page is not None:
            self._write_table(page)
        return self.outcome

    def _write_table(self, page: RecordPage) -> None:
        """Write the table whose last page this is; if it is doubtful, without withdrawing and without the cursor."""
        stored = retry_while_away(self._run.sleep, self._stored_counts)
        errors, complete = [], page.sweep == "last"
        refusals = Refusals()
        refusals.add(self.outcome.seen, self.outcome.rejected, self.outcome.problems)
        if refusals.unusual:
            errors.append(refusals.error(Source.EPSS))
        listed = sum(len(year.scores) + len(year.rejected) for year in self._years.values())
        listing = Listing(Feed.EPSS, listed, sum(stored.values()), [])
        if complete and listing.short:
            until = retry_while_away(self._run.sleep, self._doubt_until)
            if self._clock() < until:
                errors.append(short_listing(Source.EPSS, listing, until))
        complete = complete and not errors
        if retry_while_away(self._run.sleep, partial(self._is_other_model, page.cursor)):
            self._thresholds = None
        years = {*self._years, *(stored if complete else ())}
        self._write_years(sorted(years, reverse=True), complete=complete)
        if errors:
            raise one_error(errors)
        retry_while_away(self._run.sleep, partial(self._mark_read, page.cursor))

    def _doubt_until(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return doubt_until(connection, Feed.EPSS, self._clock())

    def _is_other_model(self, cursor: bytes) -> bool:
        """Whether another model than before computed the table: it changes nearly all scores, which is no news."""
        with self._database.reading() as connection:
            before = SourceRepository(connection).cursor(Source.EPSS)
        return before is None or reached_by(before).model != reached_by(cursor).model

    def _collect(self, page: RecordPage) -> None:
        self.outcome.seen += len(page.records) + len(page.problems)
        self.outcome.reject(page.problems)
        for record in page.records:
            place = place_of(record.key)
            if place is None:
                self.outcome.reject([RecordProblem(record.key, "not the usual form of a CVE id")])
                continue
            year, number = place
            if (score := self._parse(record)) is None:
                self._years[year].rejected.add(number)
            else:
                self._years[year].scores.append(number, score)

    def _parse(self, record: RawRecord) -> EpssScore | None:
        try:
            parsed = self._parse_record(Feed.EPSS, record)
        except ParseError as error:
            self.outcome.reject([RecordProblem(record.key, str(error))])
            return None
        if parsed.mended:
            self.outcome.mend(record.key, parsed.mended)
        (_, claim), *_ = parsed.claims
        return EpssScore.of(claim)

    def _write_years(self, years: Iterable[int], *, complete: bool) -> None:
        """Write the scores of these years. complete: all scores there are have been listed, others are withdrawn."""
        for year in years:
            self._run.checkpoint()
            difference = retry_while_away(self._run.sleep, partial(self._write, year, complete=complete))
            self.outcome.absorb(
                PartOutcome(
                    Source.EPSS,
                    added=len(difference.added),
                    changed=len(difference.changed),
                    unchanged=difference.unchanged,
                    withdrawn=len(difference.removed),
                )
            )

    def _stored_counts(self) -> dict[int, int]:
        with self._database.reading() as connection:
            scores = EpssRepository(connection)
            return {year: len(scores.scores(year)) for year in scores.years()}

    def _write(self, year: int, *, complete: bool) -> _Difference:
        with self._database.reading() as connection:
            difference = self._difference(year, EpssRepository(connection).scores(year), complete=complete)
        if difference.added or difference.changed or difference.removed:
            with self._database.transaction() as connection:
                self._run.fence(connection)
                EpssRepository(connection).put(year, difference.scores)
                self._write_daily(connection, difference)
                self._merge(connection, [*difference.added, *difference.removed])
                self._note_events(connection, difference)
        return difference

    def _note_events(self, connection: Connection, difference: _Difference) -> None:
        if self._thresholds is None:
            return
        now, risen = self._clock(), list(difference.risen(self._thresholds))
        states = VulnerabilityRepository(connection).states([cve_id for cve_id, _, _ in risen])
        events = [
            NewEvent(EventKind.EPSS_ROSE, cve_id, now.date().isoformat(), now, epss_before=before, epss_after=after)
            for cve_id, before, after in risen
            if states.get(cve_id) == RecordState.PUBLISHED
        ]
        note_events(connection, events)

    def _difference(self, year: int, stored: Scores, *, complete: bool) -> _Difference:
        listed = self._years[year]
        new = {number: score for number, score in stored.items() if not complete or number in listed.rejected}
        new |= listed.scores
        changed = [number for number, score in new.items() if stored.get(number, score) != score]
        added = [number for number in new if number not in stored]

        def ids(numbers: Sequence[int]) -> list[str]:
            return [cve_id_at(year, number) for number in numbers]

        return _Difference(
            year=year,
            before=stored,
            scores=new,
            added=ids(added),
            changed=ids(changed),
            removed=ids([number for number in stored if number not in new]),
            unchanged=len(listed.scores) - len(changed) - len(added),
        )

    def _write_daily(self, connection: Connection, difference: _Difference) -> None:
        store, today = IngestRepository(connection), self._clock().date()
        rows = []
        for row in store.score_inputs_of(difference.changed):
            place = place_of(row.cve_id)
            if place is None:
                continue
            claim = difference.scores[place[1]].claim()
            priority = priority_score(msgspec.structs.replace(row.facts, epss=claim.epss), today)
            rows.append(DailyScores(row.id, claim.epss, claim.epss_percentile, priority))
        store.put_daily_scores(rows)

    def _merge(self, connection: Connection, cve_ids: Sequence[str]) -> None:
        """Merge vulnerabilities that got their first score or lost theirs, since their sources change."""
        store, now = IngestRepository(connection), self._clock()
        if self._merged_up_to is not None:
            cve_ids = [cve_id for cve_id in cve_ids if cve_id <= self._merged_up_to]
        for part in _parts(cve_ids):
            stored = store.records_of(part)
            epss = EpssRepository(connection).records_of(stored)
            merged = [
                merge(cve_id, [*records, *([epss[cve_id]] if cve_id in epss else [])])
                for cve_id, records in stored.items()
            ]
            rows = [MergedRow(row, priority_score(facts_of(row), now.date())) for row in merged if row is not None]
            store.put_vulnerabilities(rows, now)

    def _mark_read(self, cursor: bytes) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            end_doubt(connection, Feed.EPSS)
            advance(connection, Source.EPSS, cursor)
            day = (reached_by(cursor).watermark or self._clock()).date()
            EpssHistoryRepository(connection).keep(day, watched_terms(connection))


def _parts(cve_ids: Sequence[str], size: int = 1000) -> Iterator[Sequence[str]]:
    for start in range(0, len(cve_ids), size):
        yield cve_ids[start : start + size]
