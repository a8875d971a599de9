"""An update as a whole, with scripted sources, on both databases."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, select

from backend.config import Settings
from backend.connectors.connector import KnownVersions, RecordPage, RecordProblem, Watch
from backend.contract.errors import ConfigurationError, RunInterrupted, SourceError, StoreUnavailable
from backend.contract.exposure import Watched, Watchlist
from backend.contract.names import Source
from backend.contract.settings import UserSettings
from backend.contract.tasks import OutcomeState, RunPhase, UpdateResult
from backend.domain.claims import Claim, Exploitation, Feed, KevEntry, Origin, RecordState, ReferenceClaim, Score
from backend.domain.search import SearchQuery
from backend.services.exposure.watching import replace_watchlist
from backend.services.update.progress import read_durations
from backend.services.update.update import run_update
from backend.store.dialects import search_index_of
from backend.store.engine import Database
from backend.store.repositories.epss_history import EpssHistoryRepository
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository
from backend.store.tables import vulnerabilities
from tests.fakes.sources import NOON, CountingRun, Script, ScriptedArchive, ScriptedConnector, World, raw

FLAW = "CVE-2024-1000"
OTHER = "CVE-2024-2000"
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def world() -> World:
    return World()


def nvd_claim(
    description: str = "A flaw in the parser", vector: str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
) -> Claim:
    return Claim(
        description=description,
        published_at=datetime(2024, 5, 1, tzinfo=UTC),
        modified_at=datetime(2024, 5, 2, tzinfo=UTC),
        scores=(Score(Origin.NVD, "3.1", vector),),
        vendors=("acme",),
        products=("rocket",),
        references=(ReferenceClaim("https://example.org/advisory"),),
    )


def update(
    database: Database,
    world: World,
    run: CountingRun | None = None,
    *,
    user: UserSettings | None = None,
    at: datetime = NOON,
) -> dict[str, object]:
    settings = Settings(user=user or UserSettings())
    return run_update(settings, database, run or CountingRun(), entries=world.entries(), clock=lambda: at)


def found(database: Database, cve_id: str) -> dict[str, object] | None:
    """The stored vulnerability with details and priority, without times of this program."""
    with database.reading() as connection:
        row = VulnerabilityRepository(connection).get(cve_id)
    if row is None:
        return None
    return {**msgspec.to_builtins(row.vulnerability), "priority_score": row.priority_score}


def all_found(database: Database) -> dict[str, object]:
    with database.reading() as connection:
        ids = IngestRepository(connection).records_after("", 10_000)
    return {name: found(database, name) for name in sorted(ids)}


def test_every_source_is_a_step_and_what_follows_is_the_last_one(database: Database, world: World) -> None:
    run = CountingRun()
    update(database, world, run, user=UserSettings(sources={Source.EPSS: False, Source.EUVD: False}))
    assert run.steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert run.phases[-1][0] is RunPhase.COUNTING


def test_the_share_of_the_whole_grows_to_the_end_and_durations_are_remembered(database: Database, world: World) -> None:
    pages = [(Feed.NVD, [raw(f"CVE-2024-{number}", nvd_claim())], "") for number in range(1000, 1005)]
    world.scripts[Source.NVD] = Script(pages)
    world.scripts[Source.CISA] = Script(error=SourceError("CISA cannot be reached"))
    for _ in range(2):
        run = CountingRun()
        update(database, world, run)
        shares = [share for share, _ in run.shares]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)
    with database.reading() as connection:
        durations = read_durations(connection)
    assert "nvd/first/read" in durations
    assert "nvd/later/read" in durations
    assert not any(key.startswith("cisa/") for key in durations), "a failure says nothing about how long it takes"


def test_first_load_merges_all_sources(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim()), raw(OTHER, nvd_claim("Another"))], "")])
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [raw(FLAW, Claim(title="Flaw in Rocket"))], "")])
    world.scripts[Source.CISA] = Script([(Feed.KEV, [raw(FLAW, Claim(kev=KevEntry(date(2024, 6, 1))))], "last")])

    result = update(database, world)

    assert result["status"] == "ok"
    flaw = found(database, FLAW)
    assert flaw is not None
    assert (flaw["title"], flaw["severity"], flaw["exploited_in_the_wild"]) == ("Flaw in Rocket", "CRITICAL", True)
    assert found(database, OTHER) is not None


def test_a_first_load_shows_what_is_exploited_first_and_then_page_by_page(database: Database, world: World) -> None:
    ids = [f"CVE-2024-{number}" for number in range(1000, 1004)]
    world.scripts[Source.CISA] = Script([(Feed.KEV, [raw(ids[3], Claim(kev=KevEntry(date(2024, 6, 1))))], "last")])
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(name, nvd_claim(name))], "") for name in ids])
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [raw(name, Claim(title=f"Of {name}")) for name in ids], "")])
    seen: list[dict[str, object]] = []

    class Watching(CountingRun):
        def checkpoint(self) -> None:
            seen.append({name: row["title"] for name in ids if (row := found(database, name)) is not None})

    update(database, world, Watching())
    exploited, complete = {ids[3]: ids[3]}, {name: f"Of {name}" for name in ids}
    assert seen[0] == {}
    assert exploited in seen
    merged = [[name for name in ids if state.get(name) == f"Of {name}"] for state in seen]
    assert all(names == ids[: len(names)] for names in merged)
    assert any(0 < len(names) < len(ids) for names in merged), "page by page"
    others = [state.items() - complete.items() for state in seen]
    assert all(left <= exploited.items() for left in others), "NVD's page and MITRE's records are merged at once"
    assert {name: found(database, name)["title"] for name in ids} == complete
    assert [lookup.closed for lookup in world.lookups] == [True]
    with database.reading() as connection:
        assert VulnerabilityRepository(connection).count_changes(ids[3]) == 0, "a first load makes no history"


@pytest.mark.parametrize("fails", ["lookup_error", "record_error"])
def test_without_the_archive_by_id_a_first_load_ends_the_same(database: Database, world: World, fails: str) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [raw(FLAW, Claim(title="Flaw in Rocket"))], "")])
    setattr(world, fails, SourceError("The CVE list cannot be reached"))
    assert update(database, world)["status"] == "ok"
    flaw = found(database, FLAW)
    assert flaw is not None
    assert (flaw["title"], flaw["severity"]) == ("Flaw in Rocket", "CRITICAL")


def test_a_first_load_begins_without_the_archive_and_takes_it_along_from_when_it_is_there(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.services.update.update.ARCHIVE_PATIENCE", 0.0)
    ids = [f"CVE-2024-{number}" for number in range(1000, 1003)]
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(name, nvd_claim(name))], "") for name in ids])
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [raw(name, Claim(title=f"Of {name}")) for name in ids], "")])
    entries, downloaded = world.entries(), threading.Event()

    class LateArchive(ScriptedArchive):
        def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
            assert downloaded.wait(30)
            yield from super().pages(cursor, known)

    class WithEmptyPages(ScriptedConnector):
        """Gives each page when the one before is written, and the second one also not before the archive is open."""

        def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
            for page, name in zip(super().pages(cursor, known), ids, strict=True):
                yield page
                while found(database, name) is None or not world.lookups:
                    if found(database, name) is not None:
                        downloaded.set()
                    yield RecordPage(Feed.NVD, (), page.cursor)

    def archive(_settings: Settings, _watch: Watch) -> LateArchive:
        return LateArchive(Source.MITRE, world)

    def nvd(_settings: Settings, _watch: Watch) -> WithEmptyPages:
        return WithEmptyPages(Source.NVD, world.scripts[Source.NVD])

    entries[Source.MITRE] = dataclasses.replace(entries[Source.MITRE], connect=archive)
    entries[Source.NVD] = dataclasses.replace(entries[Source.NVD], connect=nvd)
    seen: list[dict[str, object]] = []

    class Watching(CountingRun):
        def checkpoint(self) -> None:
            seen.append({name: row["title"] for name in ids if (row := found(database, name)) is not None})

    run_update(Settings(), database, Watching(), entries=entries, clock=lambda: NOON)
    assert {ids[0]: ids[0]} in seen, "without MITRE's title"
    assert {ids[0]: ids[0], ids[1]: f"Of {ids[1]}"} in seen, "with it, at once"
    assert [found(database, name)["title"] for name in ids] == [f"Of {name}" for name in ids]
    assert [lookup.closed for lookup in world.lookups] == [True]


def test_a_first_load_takes_the_ids_of_euvd_along_and_counts_them_once(database: Database, world: World) -> None:
    mapping = [raw(name, Claim(aliases=(f"EUVD-{name[4:]}",))) for name in (FLAW, OTHER)]
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    world.scripts[Source.EUVD] = Script([(Feed.EUVD_MAPPING, mapping, "last")])
    seen: list[object] = []

    class Watching(CountingRun):
        def checkpoint(self) -> None:
            if (row := found(database, FLAW)) is not None:
                seen.append(row["details"]["aliases"])

    result = update(database, world, Watching())
    assert set(seen) == {("EUVD-2024-1000",)}, "from the first moment on"
    counts = result["sources"]["euvd"]
    assert (counts["seen"], counts["added"], counts["unchanged"]) == (2, 2, 0)
    assert found(database, OTHER) is not None


def test_a_source_that_cannot_be_set_up_is_its_own_failure(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    entries = world.entries()

    def refuse(_settings: Settings, _watch: Watch) -> ScriptedConnector:
        raise SourceError("A base address cannot be used", "“nowhere” is not an address.")

    entries[Source.MITRE] = dataclasses.replace(entries[Source.MITRE], connect=refuse)
    result = run_update(Settings(), database, CountingRun(), entries=entries, clock=lambda: NOON)
    assert result["degraded"] == ["mitre"]
    sources = result["sources"]
    assert isinstance(sources, dict)
    assert sources["mitre"]["error"]["message"] == "“nowhere” is not an address."
    assert found(database, FLAW) is not None


def test_ids_that_only_the_mapping_knows_come_last(database: Database, world: World) -> None:
    mapping = [raw(name, Claim(aliases=(f"EUVD-{name[4:]}",))) for name in (FLAW, OTHER)]
    world.scripts[Source.EUVD] = Script([(Feed.EUVD_MAPPING, mapping, "last")])
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    run = CountingRun()
    update(database, world, run)
    assert found(database, FLAW)["details"]["aliases"] == ("EUVD-2024-1000",)
    assert found(database, OTHER)["title"] == OTHER
    assert (RunPhase.MERGING, "") in run.phases
    world.scripts = {Source.NVD: Script([(Feed.NVD, [], ""), (Feed.NVD, [raw(OTHER, nvd_claim())], "")])}
    update(database, world)
    assert found(database, OTHER)["severity"] == "CRITICAL"


def test_scores_of_a_table_that_got_shorter_are_withdrawn(database: Database, world: World) -> None:
    ids = [f"CVE-{year}-1000" for year in range(2015, 2025)]
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(name, nvd_claim(name)) for name in ids], "")])
    world.scripts[Source.EPSS] = Script([(Feed.EPSS, [raw(name, Claim(epss=0.25)) for name in ids], "last")])
    update(database, world)
    assert [found(database, name)["epss"] for name in ids] == [0.25] * 10
    rows = [raw(name, Claim(epss=0.5)) for name in ids[2:]]
    world.scripts = {Source.EPSS: Script([(Feed.EPSS, [*rows, raw(ids[1], None)], "last")])}
    counts = update(database, world)["sources"]["epss"]
    assert (counts["changed"], counts["withdrawn"], counts["rejected"]) == (8, 1, 1)
    assert [found(database, name)["epss"] for name in ids] == [None, 0.25] + [0.5] * 8
    assert Source.EPSS not in found(database, ids[0])["sources"]
    world.scripts = {Source.EPSS: Script([(Feed.EPSS, rows[:2], "last")])}
    assert update(database, world)["degraded"] == ["epss"]
    assert found(database, ids[5])["epss"] == 0.5


def test_epss_alone_makes_no_vulnerability(database: Database, world: World) -> None:
    world.scripts[Source.EPSS] = Script(
        [(Feed.EPSS, [raw(FLAW, Claim(epss=0.9)), raw(OTHER, Claim(epss=0.1))], "last")]
    )
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(OTHER, nvd_claim())], "")])
    update(database, world)
    assert found(database, FLAW) is None
    world.scripts = {Source.NVD: Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])}
    update(database, world)
    flaw = found(database, FLAW)
    assert flaw is not None
    assert flaw["epss"] == 0.9


def test_running_twice_changes_nothing(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    update(database, world)
    before = all_found(database)
    result = update(database, world)
    assert all_found(database) == before
    assert result["records_written"] == 0
    assert result["sources"]["nvd"]["unchanged"] == 1


def test_a_change_is_merged_at_once_and_told_in_the_history(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    update(database, world)
    lower = nvd_claim(vector="CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N")
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, lower)], "")])
    update(database, world)
    flaw = found(database, FLAW)
    assert flaw is not None
    assert flaw["severity"] == "LOW"
    with database.reading() as connection:
        changes = {
            change.field: (change.old, change.new, change.source)
            for change in VulnerabilityRepository(connection).changes(FLAW, 50)
        }
    assert changes["severity"] == ('"CRITICAL"', '"LOW"', "nvd")


def test_incremental_loads_equal_a_full_one_whatever_the_order(database: Database, world: World) -> None:
    mitre, kev = Claim(title="Flaw in Rocket"), Claim(kev=KevEntry(date(2024, 6, 1)))
    for source, feed, claim, sweep in (
        (Source.CISA, Feed.KEV, kev, "last"),
        (Source.MITRE, Feed.MITRE, mitre, ""),
        (Source.NVD, Feed.NVD, nvd_claim(), ""),
    ):
        world.scripts = {source: Script([(feed, [raw(FLAW, claim)], sweep)])}
        update(database, world)
    step_by_step = found(database, FLAW)
    with database.transaction() as connection:
        IngestRepository(connection).delete_vulnerabilities([FLAW])
        MetadataRepository(connection).set("merge_version", "0")
    update(database, world)
    assert found(database, FLAW) == step_by_step


def test_other_rules_also_build_the_search_documents_again(database: Database, world: World) -> None:
    """They may differ where no column of the row does."""
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    update(database, world)

    def matches() -> int:
        with database.reading() as connection:
            return VulnerabilityRepository(connection).search(SearchQuery(text="parser")).total

    assert matches() == 1
    with database.transaction() as connection:
        (number,) = connection.execute(select(vulnerabilities.c.id)).scalars()
        search_index_of(connection).put(connection, [(number, "words of other rules")])
        MetadataRepository(connection).set("merge_version", "0")
    assert matches() == 0
    world.scripts = {}
    update(database, world, CountingRun("run-2"), at=NOON + HOUR)
    assert matches() == 1


def test_a_listing_withdraws_what_it_no_longer_names(database: Database, world: World) -> None:
    entries = [raw(f"CVE-2024-{number}", Claim(kev=KevEntry(date(2024, 6, 1)))) for number in range(1000, 1010)]
    world.scripts[Source.CISA] = Script([(Feed.KEV, entries[:5], "part"), (Feed.KEV, entries[5:], "last")])
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    update(database, world)
    assert found(database, FLAW)["exploited_in_the_wild"]
    world.scripts = {Source.CISA: Script([(Feed.KEV, entries[1:], "last")])}
    result = update(database, world)
    assert result["sources"]["cisa"]["withdrawn"] == 1
    assert not found(database, FLAW)["exploited_in_the_wild"]
    world.scripts = {Source.CISA: Script([(Feed.KEV, entries[1:-1], "last")])}
    update(database, world)
    assert found(database, "CVE-2024-1009") is None


def test_new_and_changed_are_vulnerabilities_and_not_records_of_scores(database: Database, world: World) -> None:
    everything = [raw(FLAW, nvd_claim()), raw(OTHER, nvd_claim())]
    world.scripts = {Source.NVD: Script([(Feed.NVD, everything, "")]), Source.EPSS: scores_of(0.1, FLAW, OTHER)}
    assert brought(update(database, world, CountingRun("first"))) == (2, 0)
    world.scripts = {Source.EPSS: scores_of(0.2, FLAW, OTHER, "CVE-2024-3000")}
    assert brought(update(database, world, CountingRun("scores"), at=NOON + HOUR)) == (0, 0)
    world.scripts = {Source.NVD: Script([(Feed.NVD, [raw(FLAW, nvd_claim("Said otherwise"))], "")])}
    world.scripts[Source.MITRE] = Script([(Feed.MITRE, [raw("CVE-2024-4000", Claim(title="A new one"))], "")])
    assert brought(update(database, world, CountingRun("news"), at=NOON + 2 * HOUR)) == (1, 1)


def test_what_came_before_an_interruption_is_counted_with_the_rest(database: Database, world: World) -> None:
    update(database, world, CountingRun("before"))
    pages = [(Feed.NVD, [raw(FLAW, nvd_claim())], ""), (Feed.NVD, [raw(OTHER, nvd_claim())], "")]
    world.scripts = {Source.NVD: Script(pages[:1], error=SourceError("NVD", "stopped", ""))}
    update(database, world, CountingRun("one run"), at=NOON + HOUR)
    world.scripts = {Source.NVD: Script(pages[1:])}
    assert brought(update(database, world, CountingRun("one run"), at=NOON + 2 * HOUR)) == (2, 0)


def scores_of(epss: float, *ids: str) -> Script:
    return Script([(Feed.EPSS, [raw(cve_id, Claim(epss=epss)) for cve_id in ids], "")])


def test_a_new_model_of_epss_is_no_news(database: Database, world: World) -> None:
    ids = [f"CVE-2024-{number}" for number in range(1000, 1020)]

    def scores(epss: float, model: str) -> Script:
        return Script([(Feed.EPSS, [raw(cve_id, Claim(epss=epss)) for cve_id in ids], "")], model=model)

    def state() -> tuple[str | None, list[object], list[datetime]]:
        with database.reading() as connection:
            stored, sources = VulnerabilityRepository(connection), SourceRepository(connection).all()
            model = next(source.model for source in sources if source.source is Source.EPSS)
            return model, [stored.changes(ids[0], 10)], [row.updated_at for row in stored.read(ids)]

    world.scripts = {Source.NVD: Script([(Feed.NVD, [raw(name, nvd_claim()) for name in ids], "")])}
    world.scripts[Source.EPSS] = scores(0.1, "v2025.03.14")
    update(database, world)
    before = state()
    assert before[0] == "v2025.03.14"
    world.scripts = {Source.EPSS: scores(0.4, "v2026.06.15")}
    assert brought(update(database, world, CountingRun("run-2"), at=NOON + HOUR)) == (0, 0)
    assert found(database, ids[0])["epss"] == 0.4
    assert state() == ("v2026.06.15", *before[1:])


def test_the_course_of_epss_is_kept_for_what_concerns(database: Database, world: World) -> None:
    def scores(epss: float) -> Script:
        rows = [raw(name, Claim(epss=epss, epss_percentile=0.5)) for name in (FLAW, OTHER)]
        return Script([(Feed.EPSS, rows, "last")])

    world.scripts[Source.NVD] = Script(
        [(Feed.NVD, [raw(FLAW, nvd_claim()), raw(OTHER, msgspec.structs.replace(nvd_claim(), vendors=("emca",)))], "")]
    )
    update(database, world)
    with database.transaction() as connection:
        replace_watchlist(connection, Watchlist(items=(Watched(vendor="acme"),)))
    for hour, epss in enumerate((0.1, 0.2)):
        world.scripts = {Source.EPSS: scores(epss)}
        update(database, world, CountingRun(f"run-{hour + 2}"), at=NOON + hour * HOUR)
    with database.reading() as connection:
        history = EpssHistoryRepository(connection)
        assert history.of(FLAW) == [(date(2026, 2, 28), 0.2, 0.5)], "one a day of FIRST's tables"
        assert history.of(OTHER) == []


def brought(result: dict[str, object]) -> tuple[object, object]:
    return result["new_vulnerabilities"], result["changed_vulnerabilities"]


def test_a_listing_that_lost_most_records_is_a_fault_and_takes_nothing_back(database: Database, world: World) -> None:
    entries = [raw(f"CVE-2024-{number}", Claim(kev=KevEntry(date(2024, 6, 1)))) for number in range(1000, 1010)]
    world.scripts[Source.CISA] = Script([(Feed.KEV, entries, "last")])
    update(database, world)
    world.scripts = {Source.CISA: Script([(Feed.KEV, entries[:2], "last")]), Source.NVD: Script()}
    result = update(database, world)
    assert result["degraded"] == ["cisa"]
    assert found(database, "CVE-2024-1009") is not None
    parsed = UpdateResult.model_validate(result)
    assert parsed.model_dump(mode="json") == result, "the contract has all fields"
    assert (parsed.status, parsed.sources[Source.NVD].state) == (OutcomeState.DEGRADED, OutcomeState.OK)
    error = parsed.sources[Source.CISA].error
    assert error
    assert error.title == "CISA sent far fewer records than before"


def test_an_unreadable_record_in_a_listing_keeps_what_it_said(database: Database, world: World) -> None:
    entries = [raw(f"CVE-2024-{number}", Claim(kev=KevEntry(date(2024, 6, 1)))) for number in range(1000, 1010)]
    world.scripts[Source.CISA] = Script([(Feed.KEV, entries, "last")])
    update(database, world)
    broken = Script(
        [(Feed.KEV, [*entries[2:], raw("CVE-2024-1000", None)], "last")],
        problems=[RecordProblem("CVE-2024-1001", "not an object")],
    )
    world.scripts = {Source.CISA: broken}
    result = update(database, world)
    assert result["sources"]["cisa"]["rejected"] == 2
    assert found(database, "CVE-2024-1000") is not None
    assert found(database, "CVE-2024-1001") is not None


def test_an_euvd_record_that_changes_its_aliases_leaves_the_old_one(database: Database, world: World) -> None:
    claim = Claim(aliases=("EUVD-2024-7",), exploitation=(Exploitation("euvd"),), description="From EUVD")
    world.scripts[Source.EUVD] = Script([(Feed.EUVD, [raw("EUVD-2024-7", claim, FLAW, OTHER)], "")])
    update(database, world)
    assert found(database, FLAW) is not None
    world.scripts[Source.EUVD] = Script([(Feed.EUVD, [raw("EUVD-2024-7", claim, OTHER)], "")])
    update(database, world)
    assert found(database, FLAW) is None
    assert found(database, OTHER) is not None


def test_a_rejected_record_stays_and_is_marked(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    update(database, world)
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, Claim(state=RecordState.REJECTED))], "")])
    update(database, world)
    assert found(database, FLAW)["state"] == "REJECTED"


def test_a_source_that_fails_leaves_the_others_alone(database: Database, world: World) -> None:
    world.scripts[Source.CISA] = Script(error=SourceError("CISA cannot be reached", "no answer", "wait"))
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    result = update(database, world)
    assert (result["status"], result["degraded"]) == ("degraded", ["cisa"])
    assert found(database, FLAW) is not None
    with database.reading() as connection:
        states = {state.source: state for state in SourceRepository(connection).all()}
    assert states["cisa"].failures == 1
    assert states["cisa"].error_title == "CISA cannot be reached"
    assert states["nvd"].last_success_at == NOON


def test_no_source_at_all_is_a_failure_that_names_them(database: Database, world: World) -> None:
    for source in Source:
        world.scripts[source] = Script(error=SourceError(f"{source} is away"))
    with pytest.raises(SourceError, match="nvd is away"):
        update(database, world)


def test_sources_switched_off_are_left_out(database: Database, world: World) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    result = update(database, world, user=UserSettings(sources={Source.NVD: False}))
    assert "nvd" not in result["sources"]
    with pytest.raises(ConfigurationError, match="turned off"):
        update(database, world, user=UserSettings(sources=dict.fromkeys(Source, False)))


@pytest.mark.parametrize("stop_after", range(6))  # a whole run has eight checkpoints
def test_interrupted_anywhere_the_next_run_ends_with_the_same_data(database: Database, stop_after: int) -> None:
    def scripted() -> World:
        world = World()
        records = [raw(f"CVE-2024-{number}", nvd_claim(f"Flaw {number}")) for number in range(1000, 1040)]
        listed = [raw(f"CVE-2024-{number}", Claim(kev=KevEntry(date(2024, 6, 1)))) for number in range(1000, 1005)]
        world.scripts[Source.CISA] = Script([(Feed.KEV, listed, "last")])
        world.scripts[Source.NVD] = Script([(Feed.NVD, records[start : start + 10], "") for start in range(0, 40, 10)])
        return world

    with pytest.raises(RunInterrupted):
        update(database, scripted(), CountingRun(stop_after=stop_after, stop_with=RunInterrupted("stopping")))
    update(database, scripted())
    found_now = all_found(database)
    assert len(found_now) == 40
    assert all(found_now.values())
    assert sum(bool(entry["exploited_in_the_wild"]) for entry in found_now.values()) == 5


def test_a_database_that_is_away_is_waited_for(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.scripts[Source.NVD] = Script([(Feed.NVD, [raw(FLAW, nvd_claim())], "")])
    real, faults = Database.transaction, iter([True, False, True, True] + [False] * 100)

    def flaky(self: Database) -> AbstractContextManager[Connection]:
        if next(faults):
            raise StoreUnavailable("PostgreSQL is away")
        return real(self)

    monkeypatch.setattr(Database, "transaction", flaky)
    run = CountingRun()
    assert update(database, world, run)["status"] == "ok"
    assert len(run.slept) == 3
    assert found(database, FLAW) is not None
