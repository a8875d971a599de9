"""Implausible parts of what a source sends are held back; all else is read, and the source's status names them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.config import Settings
from backend.connectors.connector import RawRecord, RecordProblem
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.contract.tasks import UpdateResult
from backend.domain.claims import Claim, Exploitation, Feed, KevEntry
from backend.services.update.outcome import Refusals
from backend.services.update.sweep import ACCEPTED_AFTER
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository, cve_id_at
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.sources import SourceRepository, StoredSource
from tests.fakes.sources import NOON, CountingRun, Script, World, raw

BEFORE = datetime(2026, 2, 1, tzinfo=UTC)
AFTER = datetime(2026, 2, 28, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def world() -> World:
    return World()


def update(database: Database, world: World, at: datetime = NOON) -> UpdateResult:
    result = run_update(Settings(), database, CountingRun(), entries=world.entries(), clock=lambda: at)
    return UpdateResult.model_validate(result)


def source(database: Database, name: Source) -> StoredSource:
    with database.reading() as connection:
        return next(stored for stored in SourceRepository(connection).all() if stored.source is name)


def keys(database: Database, feed: Feed) -> set[str]:
    with database.reading() as connection:
        if feed is Feed.EPSS:
            scores = EpssRepository(connection)
            return {cve_id_at(year, number) for year in scores.years() for number in scores.scores(year)}
        return {key for portion in IngestRepository(connection).keys_of(feed) for _, key in portion}


def records(first: int, count: int, claim: Claim | None = None) -> list[RawRecord]:
    return [raw(f"CVE-2024-{number}", claim or Claim(title="A flaw")) for number in range(first, first + count)]


def unreadable(first: int, count: int) -> list[RawRecord]:
    return [raw(f"CVE-2024-{number}", None) for number in range(first, first + count)]


@pytest.mark.parametrize(
    ("seen", "refused", "unusual"),
    [
        (0, 0, False),
        (1, 0, False),
        (1, 1, True),
        (2, 1, False),
        (18, 1, False),
        (18, 2, True),
        (18, 12, True),
        (1000, 10, False),
        (1000, 11, True),
        (300_000, 3_000, False),
        (300_000, 3_001, True),
    ],
)
def test_single_bad_records_occur_and_more_do_not(seen: int, refused: int, *, unusual: bool) -> None:
    refusals = Refusals()
    refusals.add(seen, refused, [RecordProblem("CVE-2024-1", "no score")])
    assert refusals.unusual is unusual


@pytest.mark.parametrize(("good", "bad"), [(6, 12), (0, 1), (16, 2), (500, 30)])
def test_a_source_that_refuses_an_unusual_share_is_degraded_and_stays_where_it_was(
    database: Database, world: World, good: int, bad: int
) -> None:
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, records(1000, 3), "")])
    update(database, world)
    before = source(database, Source.MITRE)
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [*records(2000, good), *unreadable(5000, bad)], "")])
    for failures in (1, 2):
        result = update(database, world)
        assert result.degraded == (Source.MITRE,)
        error = result.sources[Source.MITRE].error
        assert error
        assert f"{bad:,} of {good + bad:,} records were refused. One of them, CVE-2024-5000" in error.message
        after = source(database, Source.MITRE)
        assert (after.watermark, after.failures, after.last_success_at) == (before.watermark, failures, NOON)
        assert len(keys(database, Feed.MITRE)) == 3 + good, "the readable ones were stored"


def test_the_cursor_moves_on_when_the_refused_ones_are_few_again(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script(
        [(Feed.NVD, [*records(1000, 10), *unreadable(2000, 5)], ""), (Feed.NVD, records(3000, 990), "")]
    )
    assert update(database, world).degraded == ()
    assert source(database, Source.NVD).watermark == AFTER


def test_pages_before_the_unreadable_ones_are_not_read_again(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, records(1000, 10), ""), (Feed.NVD, unreadable(2000, 9), "")])
    update(database, world)
    with database.reading() as connection:
        assert b'"pages": 1' in (SourceRepository(connection).cursor(Source.NVD) or b"")


def test_one_list_that_cannot_be_read_does_not_keep_the_others_back(database: Database, world: World) -> None:
    exploited = Claim(exploitation=(Exploitation("eu-kev"),))
    record = raw("EUVD-2024-7", Claim(description="From EUVD"), "CVE-2024-1007")
    world.scripts[Source.EUVD] = Script(
        [(Feed.EUVD_KEV, records(1000, 5, exploited), "last"), (Feed.EUVD, [record], "")]
    )
    update(database, world)
    newer = raw("EUVD-2024-8", Claim(description="New"), "CVE-2024-1008")
    world.scripts[Source.EUVD] = Script([(Feed.EUVD_KEV, unreadable(1000, 5), "last"), (Feed.EUVD, [newer], "")])
    result = update(database, world)
    assert result.degraded == (Source.EUVD,)
    assert keys(database, Feed.EUVD) == {"EUVD-2024-7", "EUVD-2024-8"}
    assert len(keys(database, Feed.EUVD_KEV)) == 5


def test_what_a_listing_refuses_is_not_taken_for_withdrawn(database: Database, world: World) -> None:
    listed = Claim(kev=KevEntry(date(2024, 6, 1)))
    world.scripts[Source.CISA] = Script([(Feed.KEV, records(1000, 10, listed), "last")])
    update(database, world)
    nameless = [RecordProblem(f"entry {number}", "no CVE id") for number in range(4)]
    world.scripts[Source.CISA] = Script([(Feed.KEV, records(1000, 6, listed), "last")], problems=nameless)
    assert update(database, world).degraded == (Source.CISA,)
    assert len(keys(database, Feed.KEV)) == 10


def short_and_new(count: int) -> Script:
    """The EU's list with `count` of its ten entries, and a new record after it."""
    newer = raw("EUVD-2024-8", Claim(description="New"), "CVE-2024-1008")
    listed = records(1000, count, Claim(exploitation=(Exploitation("eu-kev"),)))
    return Script([(Feed.EUVD_KEV, listed, "last"), (Feed.EUVD, [newer], "")])


@pytest.mark.parametrize("left", [4, 1, 0])
def test_a_list_that_shrinks_is_doubted_alone_and_accepted_after_some_days(
    database: Database, world: World, left: int
) -> None:
    world.scripts[Source.EUVD] = short_and_new(10)
    world.scripts[Source.EUVD].pages.pop()
    update(database, world)
    world.scripts[Source.EUVD] = short_and_new(left)
    for hours in (0, 2, 30, 71):
        result = update(database, world, NOON + timedelta(hours=hours))
        error = result.sources[Source.EUVD].error
        assert error
        assert error.title == "EUVD sent far fewer records than before"
        assert f"exploited vulnerabilities has {left} entries instead of about 10" in error.message
        assert "2026-03-04" in error.hint
        assert len(keys(database, Feed.EUVD_KEV)) == 10
        assert keys(database, Feed.EUVD) == {"EUVD-2024-8"}, "records are read all the same"
    assert update(database, world, NOON + ACCEPTED_AFTER).degraded == ()
    assert len(keys(database, Feed.EUVD_KEV)) == left
    assert update(database, world, NOON + ACCEPTED_AFTER + DAY).degraded == ()


def test_a_list_that_is_whole_again_was_never_short(database: Database, world: World) -> None:
    for at, count, degraded in ((0, 10, 0), (1, 4, 1), (2, 10, 0), (5, 4, 1), (7, 4, 1), (8, 4, 0)):
        world.scripts[Source.EUVD] = short_and_new(count)
        assert len(update(database, world, NOON + at * DAY).degraded) == degraded, at


def test_all_that_is_wrong_with_a_source_is_said(database: Database, world: World) -> None:
    world.scripts[Source.EUVD] = short_and_new(10)
    update(database, world)
    world.scripts[Source.EUVD] = short_and_new(3)
    world.scripts[Source.EUVD].pages.append((Feed.EUVD, unreadable(7000, 9), ""))
    world.scripts[Source.EUVD].error = SourceError("EUVD cannot be reached", "It was silent.", "Wait.")
    error = update(database, world).sources[Source.EUVD].error
    assert error
    for words in ("3 entries instead", "9 of 10 records were refused", "It was silent"):
        assert words in error.message


LONG_TEXTS = {
    "repeated": "word " * 400_000,
    "different": " ".join(f"w{number:06}" for number in range(300_000)),
    "unbroken": "x" * 2**21,
}


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_a_very_long_text_costs_nobody_else_anything(database: Database, world: World, text: str) -> None:
    long = raw("CVE-2024-1000", Claim(title="A flaw", description=LONG_TEXTS[text]))
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [long, *records(2000, 3)], "")])
    assert update(database, world).degraded == ()
    assert len(keys(database, Feed.MITRE)) == 4
