"""The events that updates write, with scripted sources, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from backend.config import Settings
from backend.connectors.connector import RawRecord
from backend.contract.errors import RunInterrupted, SourceError
from backend.contract.exposure import Watched, Watchlist
from backend.contract.inbox import InboxScope
from backend.contract.inventory import Inventory, SoftwareEntry
from backend.contract.names import Source
from backend.contract.settings import InboxThresholds, UserSettings
from backend.domain.claims import Affected, Claim, Feed, KevEntry, Origin, RecordState, Score
from backend.services.exposure.inventories import store_inventory
from backend.services.exposure.matching_run import MATCH_VERSION, match_inventory
from backend.services.exposure.watching import replace_watchlist
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.events import EventRepository, InboxQuery, StoredEvent
from backend.store.repositories.matching import MatchingRepository
from backend.store.repositories.metadata import MATCHED_BY_KEY, MERGED_BY_KEY, MetadataRepository
from tests.fakes.sources import NOON, CountingRun, Script, World, raw

FLAW, OTHER = "CVE-2026-1000", "CVE-2026-2000"
HIGH, CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def claim(vector: str = HIGH, **facts: object) -> Claim:
    scores = (Score(Origin.NVD, "3.1", vector),) if vector else ()
    plain = Claim(published_at=NOON - timedelta(days=9), scores=scores, vendors=("acme",), products=("rocket",))
    return msgspec.structs.replace(plain, **facts)


def kev(due: date | None = None) -> Claim:
    return Claim(kev=KevEntry(NOON.date(), due_date=due))


def nvd(*claims: Claim, names: tuple[str, ...] = (FLAW, OTHER)) -> Script:
    return Script([(Feed.NVD, [raw(name, stated) for name, stated in zip(names, claims, strict=False)], "")])


def epss(model: str = "v1", **scores: float) -> Script:
    records = [raw(f"CVE-2026-{name[1:]}", Claim(epss=score, epss_percentile=0.5)) for name, score in scores.items()]
    return Script([(Feed.EPSS, records, "last")], model=model)


class Updates:
    """Updates of one database, an hour after another."""

    def __init__(self, database: Database) -> None:
        self.database, self.now, self.inbox = database, NOON, InboxThresholds()

    def run(self, run: CountingRun | None = None, after: timedelta = timedelta(hours=1), **scripts: Script) -> None:
        world = World()
        world.scripts = {Source(name): script for name, script in scripts.items()}
        self.now += after
        settings = Settings(user=UserSettings(inbox=self.inbox))
        run_update(settings, self.database, run or CountingRun(), entries=world.entries(), clock=lambda: self.now)

    def events(self, scope: InboxScope = InboxScope.EVERYTHING) -> list[StoredEvent]:
        with self.database.reading() as connection:
            return EventRepository(connection).page(InboxQuery(scope, ""))[0]

    def listed(self, scope: InboxScope = InboxScope.EVERYTHING) -> list[tuple[str, str]]:
        return [(event.kind, event.cve_id) for event in self.events(scope)]

    def watch(self, **what: str) -> None:
        with self.database.transaction() as connection:
            replace_watchlist(connection, Watchlist(items=(Watched(**what),)))


@pytest.fixture
def updates(database: Database) -> Updates:
    """After a first load of all sources."""
    updates = Updates(database)
    updates.run(
        nvd=nvd(claim(), claim(CRITICAL)), cisa=Script([(Feed.KEV, [raw(OTHER, kev())], "last")]), epss=epss(n1000=0.1)
    )
    return updates


def test_a_first_load_writes_none(updates: Updates) -> None:
    assert updates.listed() == []


def test_what_becomes_exploited(updates: Updates) -> None:
    listed = Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev())], "last")])
    updates.run(cisa=listed)
    updates.run(cisa=listed)
    (event,) = updates.events()
    assert (event.kind, event.cve_id, event.happened_at, event.exploited) == (
        "exploited",
        FLAW,
        NOON + timedelta(hours=2),
        True,
    )
    assert event.read_at is None


def test_a_listing_that_is_taken_back_and_repeated_is_an_event_once(updates: Updates) -> None:
    for listed in ([FLAW, OTHER], [OTHER], [FLAW, OTHER]):
        updates.run(cisa=Script([(Feed.KEV, [raw(name, kev()) for name in listed], "last")]))
    assert updates.listed() == [("exploited", FLAW)]


def test_what_is_exploited_is_not_listed_as_critical_too(updates: Updates) -> None:
    new = "CVE-2026-3000"
    updates.run(cisa=Script([(Feed.KEV, [raw(name, kev()) for name in (OTHER, new)], "last")]))
    updates.run(nvd=nvd(claim(CRITICAL), names=(new,)))
    assert updates.listed() == [("exploited", new)]


@pytest.mark.parametrize("before", [HIGH, ""])
def test_what_becomes_critical(updates: Updates, before: str) -> None:
    name = "CVE-2026-3000"
    updates.run(nvd=nvd(claim(before), names=(name,)))
    assert updates.listed() == []
    updates.run(nvd=nvd(claim(CRITICAL), names=(name,)))
    updates.run(nvd=nvd(claim(CRITICAL, description="Rewritten"), names=(name,)))
    assert updates.listed() == [("critical", name)]


def test_an_old_record_that_is_scored_at_last_is_no_news(updates: Updates) -> None:
    old = {"published_at": datetime(2020, 1, 1, tzinfo=UTC)}
    updates.run(nvd=nvd(claim("", **old), names=("CVE-2020-3000",)))
    updates.run(nvd=nvd(claim(CRITICAL, **old), names=("CVE-2020-3000",)))
    assert updates.listed() == []


def test_a_rejected_record_is_no_news(updates: Updates) -> None:
    updates.run(nvd=nvd(claim(CRITICAL, state=RecordState.REJECTED), names=("CVE-2026-3000",)))
    assert updates.listed() == []


def test_kinds_can_be_turned_off(updates: Updates) -> None:
    updates.inbox = InboxThresholds(exploited=False, critical=False)
    updates.run(
        nvd=nvd(claim(CRITICAL), names=("CVE-2026-3000",)),
        cisa=Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev())], "last")]),
    )
    assert updates.listed() == []


class TestEpss:
    @pytest.mark.parametrize(("after", "is_event"), [(0.29, False), (0.3, True), (0.6, True), (0.05, False)])
    def test_a_rise_by_the_threshold_is_listed_with_both_scores(
        self, updates: Updates, after: float, is_event: bool
    ) -> None:
        updates.run(epss=epss(n1000=after))
        updates.run(epss=epss(n1000=after))
        assert [(e.kind, e.cve_id, e.epss_before, e.epss_after) for e in updates.events()] == (
            [("epss_rose", FLAW, 0.1, after)] if is_event else []
        )

    def test_reaching_the_threshold_is_an_event_once(self, updates: Updates) -> None:
        updates.inbox = InboxThresholds(epss_above=0.15)
        for score in (0.14, 0.15, 0.16):
            updates.run(epss=epss(n1000=score))
        assert [(e.epss_before, e.epss_after) for e in updates.events()] == [(0.14, 0.15)]

    def test_a_first_score_above_the_threshold(self, updates: Updates) -> None:
        updates.run(epss=epss(n1000=0.1, n2000=0.7, n9999=0.9))
        assert [(e.cve_id, e.epss_before) for e in updates.events()] == [(OTHER, None)], "9999 is not a record yet"

    def test_another_model_is_no_news(self, updates: Updates) -> None:
        updates.run(epss=epss("v2", n1000=0.9))
        assert updates.listed() == []
        updates.run(epss=epss("v2", n1000=0.1))
        updates.run(epss=epss("v2", n1000=0.9))
        assert updates.listed() == [("epss_rose", FLAW)]


class TestDueDates:
    @pytest.fixture
    def due(self, updates: Updates) -> Updates:
        """A vulnerability that is due in ten days."""
        day = NOON.date() + timedelta(days=10)
        updates.watch(vendor="acme")
        updates.inbox = InboxThresholds(exploited=False)
        updates.run(cisa=Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev(due=day))], "last")]))
        assert updates.listed() == []
        return updates

    def test_a_near_one_is_an_event_once(self, due: Updates) -> None:
        for _ in range(8):
            due.run(after=timedelta(days=1))
        assert due.listed() == [("due_soon", FLAW)]
        assert due.events()[0].happened_at.date() == NOON.date() + timedelta(days=3)

    def test_one_that_passed_while_nothing_ran_is_an_event_once(self, due: Updates) -> None:
        due.run(after=timedelta(days=21))
        due.run(after=timedelta(days=1))
        assert due.listed() == [("due_soon", FLAW)]

    def test_another_date_is_an_event_again(self, due: Updates) -> None:
        due.run(after=timedelta(days=5))
        day = due.now.date() + timedelta(days=6)
        due.run(cisa=Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev(due=day))], "last")]))
        assert due.listed() == [("due_soon", FLAW)] * 2

    def test_without_any_source(self, due: Updates) -> None:
        away = Script(error=SourceError("Away"))
        with pytest.raises(SourceError):
            due.run(after=timedelta(days=5), **dict.fromkeys(map(str, Source), away))
        assert due.listed() == [("due_soon", FLAW)]

    def test_what_concerns_nobody_is_no_event(self, due: Updates) -> None:
        due.watch(vendor="others")
        due.run(after=timedelta(days=5))
        assert due.listed() == []


def test_a_record_that_comes_to_be_of_a_watched_vendor_makes_its_events_mine(updates: Updates) -> None:
    updates.watch(vendor="wanted")
    listed = Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev())], "last")])
    updates.run(cisa=listed)
    assert updates.listed(InboxScope.MINE) == []
    updates.run(nvd=nvd(claim(vendors=("wanted",))))
    assert updates.listed(InboxScope.MINE) == [("exploited", FLAW)]


def test_a_killed_update_that_is_repeated_writes_each_event_once(updates: Updates) -> None:
    pages = [(Feed.NVD, [raw(f"CVE-2026-{number}", claim(CRITICAL))], "") for number in range(3000, 3004)]
    for stop_after in range(1, 12):
        killed = CountingRun(stop_after=stop_after, stop_with=RunInterrupted("Stopped", "The worker ended."))
        with suppress(RunInterrupted):
            updates.run(killed, nvd=Script(pages))
    assert sorted(updates.listed()) == [("critical", f"CVE-2026-{number}") for number in range(3000, 3004)]


def test_what_becomes_exploited_while_the_rules_change_is_an_event(updates: Updates) -> None:
    with updates.database.transaction() as connection:
        MetadataRepository(connection).set(MERGED_BY_KEY, "0")
    updates.run(cisa=Script([(Feed.KEV, [raw(OTHER, kev()), raw(FLAW, kev())], "last")]))
    assert updates.listed() == [("exploited", FLAW)]


class TestFindings:
    """An inventory that was sent before the first load, and is matched while it goes on and after it."""

    FIREFOX = (Affected(cpe="cpe:2.3:a:mozilla:firefox:*:*:*:*:*:*:*:*", version_end_excluding="116.0"),)

    @pytest.fixture
    def scanned(self, database: Database) -> Updates:
        updates = Updates(database)
        sent = Inventory(software=(SoftwareEntry(name="Mozilla Firefox", publisher="Mozilla", version="99.0"),))
        with database.transaction() as connection:
            store_inventory(connection, "pc-1", sent, "", updates.now)
        self.match(updates)
        return updates

    def match(self, updates: Updates) -> None:
        match_inventory(Settings(), updates.database, CountingRun(), lambda: updates.now)

    def affected(self, name: str, vector: str = HIGH) -> tuple[Feed, list[RawRecord], str]:
        return Feed.NVD, [raw(name, claim(vector, affected=self.FIREFOX))], ""

    def test_all_programs_are_matched_again_once_where_the_last_one_used_older_rules(self, scanned: Updates) -> None:
        def due_after_an_update() -> int:
            scanned.run(nvd=Script([]))
            with scanned.database.reading() as connection:
                return MatchingRepository(connection).count_due()

        assert due_after_an_update() == 1, "nothing was known of the rules"
        self.match(scanned)
        assert due_after_an_update() == 0
        with scanned.database.transaction() as connection:
            MetadataRepository(connection).set(MATCHED_BY_KEY, "0")
        assert due_after_an_update() == 1
        self.match(scanned)
        assert due_after_an_update() == 0
        with scanned.database.transaction() as connection:
            MetadataRepository(connection).set(MATCHED_BY_KEY, str(MATCH_VERSION + 1))
        assert due_after_an_update() == 0, "a newer version of the program has matched them"

    def test_what_other_rules_find_in_known_records_is_listed_where_it_is_urgent_only(
        self, scanned: Updates, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Ticking(CountingRun):
            def checkpoint(self) -> None:
                scanned.now += timedelta(seconds=1)

        with monkeypatch.context() as before:
            before.setattr("backend.services.exposure.matched_chunk.match", lambda _, programs: [{} for _ in programs])
            scanned.run(nvd=Script([self.affected("CVE-2026-3000")]))
            scanned.run(nvd=Script([self.affected("CVE-2026-3001", CRITICAL), self.affected("CVE-2026-3002")]))
            self.match(scanned)
        with scanned.database.transaction() as connection:
            MetadataRepository(connection).set(MATCHED_BY_KEY, "0")
        scanned.run(Ticking("other rules"), nvd=Script([self.affected("CVE-2026-3003")]))
        self.match(scanned)
        found = [("finding", "CVE-2026-3001"), ("finding", "CVE-2026-3003")]
        assert sorted(event for event in scanned.listed() if event[0] == "finding") == found

    def test_a_first_load_lists_what_is_urgent_only(self, scanned: Updates) -> None:
        away = SourceError("Away")
        pages = [self.affected("CVE-2026-3000"), self.affected("CVE-2026-3001", CRITICAL)]
        scanned.run(nvd=Script(pages, error=away))
        self.match(scanned)
        assert scanned.listed() == [("finding", "CVE-2026-3001")]
        scanned.run(nvd=Script([*pages, self.affected("CVE-2026-3002")]))
        self.match(scanned)
        assert scanned.listed(InboxScope.MINE) == [("finding", "CVE-2026-3001")]

    def test_what_comes_after_it_is_an_event_whatever_its_severity(self, scanned: Updates) -> None:
        scanned.run(nvd=Script([self.affected("CVE-2026-3000")]))
        self.match(scanned)
        scanned.run(nvd=Script([self.affected("CVE-2026-3003")]), euvd=Script(error=SourceError("Away")))
        self.match(scanned)
        assert scanned.listed(InboxScope.MINE) == [("finding", "CVE-2026-3003")]

    def test_a_killed_matching_that_is_repeated_writes_each_event_once(self, scanned: Updates) -> None:
        scanned.run(nvd=Script([self.affected("CVE-2026-3001", CRITICAL)]))
        for stop_after in range(4):
            scanned.now += timedelta(minutes=1)
            killed = CountingRun(stop_after=stop_after, stop_with=RunInterrupted("Stopped", "The worker ended."))
            with suppress(RunInterrupted):
                match_inventory(Settings(), scanned.database, killed, lambda: scanned.now)
        assert scanned.listed() == [("finding", "CVE-2026-3001")]

    def test_a_rejected_record_is_listed_with_that_reason(self, scanned: Updates) -> None:
        scanned.run(nvd=Script([self.affected("CVE-2026-3001", CRITICAL)]))
        self.match(scanned)
        rejected = claim(CRITICAL, affected=self.FIREFOX, state=RecordState.REJECTED)
        scanned.run(nvd=nvd(rejected, names=("CVE-2026-3001",)))
        self.match(scanned)
        (event, _) = scanned.events()
        assert (event.kind, event.reason) == ("resolved", "The record was rejected.")
