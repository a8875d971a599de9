"""A bundle brings a database to the state of another one, on both kinds of databases."""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from backend.config import Settings
from backend.contract.errors import ConfigurationError, NotFound, OpenThreatError, RunInterrupted, StoreFull
from backend.contract.names import Source
from backend.contract.settings import UserSettings
from backend.contract.tasks import RunPhase
from backend.domain.claims import Affected, Claim, Feed, KevEntry, RecordState
from backend.services.bundle import bundle_file
from backend.services.bundle.bundle_file import Bundle, BundleRefused, End, Header, Portion, ScoresOfYear, open_bundle
from backend.services.bundle.create import create_bundle
from backend.services.bundle.load import load_bundle
from backend.services.bundle.signature import checked_signer, make_key, read_key, sign
from backend.services.update.source_update import is_complete
from backend.services.update.update import run_update
from backend.store.compression import Compressor
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import StoredRecords
from backend.store.tables import epss_years, source_states, vulnerability_changes
from tests.contract.update.test_statements_follow import stored as statements
from tests.fakes.sources import NOON, CountingRun, Script, World, raw
from tests.integration.replay.world import digest_of

IDS = tuple(f"CVE-{year}-{number}" for year in (2023, 2024, 2025) for number in (1000, 1001, 9999, 10000, 123456))
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
Json = dict[str, object]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Where the bundles are made."""
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    database.prepare()
    yield database
    database.close()


class UpdatedDatabase:
    """A database that is updated from sources that change by chance, and the bundles that are made of it."""

    def __init__(self, database: Database, folder: Path, seed: int) -> None:
        self.database, self._folder, self._dice = database, folder, random.Random(seed)
        self.at, self._step, self._world = NOON, 0, World()

    def next_scripts(self) -> dict[Source, Script]:
        """What the sources send next."""
        self._step += 1
        self.at = NOON + timedelta(days=self._step)
        moment = FIRST + timedelta(days=self._step)
        scripts = {source: self._script(source, moment) for source in Source}
        for script in scripts.values():
            script.watermark = (moment + timedelta(hours=1)).isoformat()
        return scripts

    def update(self, scripts: dict[Source, Script] | None = None, database: Database | None = None) -> None:
        """Update the database, or another one, from what the sources send next."""
        self._world.scripts = scripts or self.next_scripts()
        self._world.lookups.clear()
        run = CountingRun(f"run-{self._step}")
        run_update(Settings(), database or self.database, run, entries=self._world.entries(), clock=lambda: self.at)

    def bundle(self) -> Path:
        path = self._folder / f"{self._step}.otbundle"
        path.write_bytes(b"".join(create_bundle(self.database, lambda: self.at)))
        return path

    def _script(self, source: Source, moment: datetime) -> Script:
        dice = self._dice
        names = sorted(dice.sample(IDS, dice.randint(5, len(IDS))))
        if source is Source.EPSS:
            records = [raw(name, Claim(epss=dice.random(), epss_percentile=dice.random())) for name in names]
            return Script([(Feed.EPSS, records, "last")], model="v1")
        if source is Source.EUVD:
            found = [raw("EUVD-2024-77", Claim(title="Only in the EU's list"), "EUVD-2024-77")]
            mapped = [raw(name, Claim(aliases=("EUVD-2024-1",))) for name in names]
            return Script([(Feed.EUVD_MAPPING, mapped, "last"), (Feed.EUVD, found, "")])
        records = [raw(name, self._claim(source, moment)) for name in names]
        return Script([(Feed(source), records, "last" if source is Source.CISA else "")])

    def _claim(self, source: Source, moment: datetime) -> Claim:
        dice = self._dice
        return Claim(
            state=dice.choice([RecordState.PUBLISHED] * 4 + [RecordState.REJECTED]),
            title=f"{source} {dice.randint(0, 3)}",
            description=dice.choice(["", "A flaw in the parser.", "Ein Fehler, 資料"]),
            published_at=FIRST,
            modified_at=moment + timedelta(minutes=dice.randint(0, 50)),
            affected=(Affected(vendor="Acme", product=dice.choice("ABC"), versions=("1.0 to before 2.0",)),),
            kev=KevEntry(date_added=moment.date()) if source is Source.CISA else None,
        )


def load(
    database: Database,
    path: Path,
    *,
    run: CountingRun | None = None,
    settings: Settings | None = None,
    at: datetime | None = None,
) -> Json:
    """Load a bundle, usually on the day when it was made, so that priorities are equal too."""
    with open_bundle(path) as bundle:
        moment = at or bundle.header.created_at
        return load_bundle(settings or Settings(), database, run or CountingRun(), bundle, lambda: moment)


def load_interrupted(database: Database, origin: UpdatedDatabase, stop_after: int) -> None:
    """Update the origin and begin to load its bundle. stop_after: checkpoints of the run."""
    origin.update()
    with pytest.raises(RunInterrupted):
        load(database, origin.bundle(), run=CountingRun(stop_after=stop_after, stop_with=RunInterrupted("Stopped", "")))


def contents(database: Database) -> list[object]:
    """All source records and all data derived from them."""
    with database.reading() as connection:
        cursors = connection.execute(select(source_states.c.source, source_states.c.cursor, source_states.c.watermark))
        scores = connection.execute(select(epss_years).order_by("year"))
        return [
            digest_of(database),
            statements(database),
            sorted(tuple(map(str, row)) for row in cursors),
            [tuple(row) for row in scores],
        ]


def changes(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(vulnerability_changes.c.id)).all())


@pytest.mark.parametrize("seed", range(3))
def test_an_empty_database_becomes_equal(database: Database, other: Database, tmp_path: Path, seed: int) -> None:
    origin = UpdatedDatabase(other, tmp_path, seed)
    origin.update()
    origin.update()
    result = load(database, origin.bundle())
    assert contents(database) == contents(other)
    assert result["status"] == "ok"
    assert changes(database) == 0


@pytest.mark.parametrize("seed", range(3))
def test_an_older_database_moves_forward_and_never_back(
    database: Database, other: Database, tmp_path: Path, seed: int
) -> None:
    origin = UpdatedDatabase(other, tmp_path, seed)
    origin.update()
    old = origin.bundle()
    load(database, old)
    for _ in range(3):
        origin.update()
    load(database, origin.bundle())
    newest = contents(other)
    assert contents(database) == newest
    history = changes(database)
    assert history
    result = load(database, old, at=origin.at)
    assert contents(database) == newest
    assert changes(database) == history
    assert result["records_written"] == 0


def test_a_record_of_euvd_that_is_about_another_vulnerability_now_moves(
    database: Database, other: Database, tmp_path: Path
) -> None:
    origin = UpdatedDatabase(other, tmp_path, 3)
    for about in ("EUVD-2024-5", IDS[0], IDS[1]):
        scripts = origin.next_scripts()
        scripts[Source.EUVD].pages.append((Feed.EUVD, [raw("EUVD-2024-5", Claim(title="Of the EU"), about)], ""))
        origin.update(scripts)
        load(database, origin.bundle())
        assert contents(database) == contents(other)


def test_records_of_euvd_that_a_bundle_does_not_have_stay(database: Database, other: Database, tmp_path: Path) -> None:
    """EUVD's older records are read within a budget: another database may have read fewer of them."""
    origin = UpdatedDatabase(other, tmp_path, 3)
    scripts = origin.next_scripts()
    origin.update(scripts)
    further = raw("EUVD-2024-5", Claim(title="Read here only"), IDS[0])
    scripts[Source.EUVD].pages.append((Feed.EUVD, [further], ""))
    origin.update(scripts, database)
    origin.update()
    load(database, origin.bundle())
    with database.reading() as connection:
        assert IngestRepository(connection).hashes(Feed.EUVD, ["EUVD-2024-5"])


def test_the_next_update_goes_on_from_there(database: Database, other: Database, tmp_path: Path) -> None:
    origin = UpdatedDatabase(other, tmp_path, 7)
    origin.update()
    load(database, origin.bundle())
    scripts = origin.next_scripts()
    origin.update(scripts)
    assert contents(database) != contents(other)
    origin.update(scripts, database)
    assert contents(database) == contents(other)


@pytest.mark.parametrize("stop_after", [0, 3, 6, 10, 16, 19, 22, 25, 28])
def test_interrupted_anywhere_it_begins_again_and_ends_equal(
    database: Database, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr("backend.services.bundle.create.PORTION", 4)
    origin = UpdatedDatabase(other, tmp_path, 3)
    origin.update()
    load(database, origin.bundle())
    origin.update()
    path = origin.bundle()
    with pytest.raises(RunInterrupted):
        load(database, path, run=CountingRun(stop_after=stop_after, stop_with=RunInterrupted("Stopped", "")))
    load(database, path)
    assert contents(database) == contents(other)
    with database.reading() as connection:
        successes = set(connection.execute(select(source_states.c.last_success_at)).scalars())
    assert successes == {origin.at}, "of every source"


def test_the_share_that_is_done_never_goes_back(
    database: Database, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.services.bundle.create.PORTION", 4)
    origin = UpdatedDatabase(other, tmp_path, 3)
    origin.update()
    load(database, origin.bundle(), settings=Settings(user=UserSettings(sources={Source.MITRE: False})))
    origin.update()
    run = CountingRun()
    load(database, origin.bundle(), run=run)
    shares = [share for share, _ in run.shares]
    assert shares == sorted(shares)
    names = ["", "CISA", "EUVD", "NVD"]
    assert list(dict.fromkeys(name for phase, name in run.phases if phase is RunPhase.READING)) == names


@pytest.mark.parametrize("stop_after", [1, 3, 5, 7])
def test_a_first_load_that_was_interrupted_ends_for_every_source(
    database: Database, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr("backend.services.bundle.create.PORTION", 4)
    origin = UpdatedDatabase(other, tmp_path, 3)
    load_interrupted(database, origin, stop_after)
    load(database, origin.bundle())
    assert contents(database) == contents(other)
    with database.reading() as connection:
        assert all(is_complete(connection, source) for source in Source)


@pytest.mark.parametrize("stop_after", [11, 12, 13, 14, 15])
def test_a_newer_bundle_after_a_first_load_that_was_interrupted_ends_equal(
    database: Database, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr("backend.services.bundle.create.PORTION", 4)
    origin = UpdatedDatabase(other, tmp_path, 3)
    load_interrupted(database, origin, stop_after)
    origin.update()
    load(database, origin.bundle())
    assert contents(database) == contents(other)
    assert changes(database) == 0


def test_a_source_that_is_turned_off_is_left_out(database: Database, other: Database, tmp_path: Path) -> None:
    origin = UpdatedDatabase(other, tmp_path, 1)
    origin.update()
    off = Settings(user=UserSettings(sources={Source.MITRE: False}))
    load(database, origin.bundle(), settings=off)
    with database.reading() as connection:
        loaded = set(connection.execute(select(source_states.c.source)).scalars())
    assert loaded == set(Source) - {Source.MITRE}
    load(database, origin.bundle())
    assert contents(database) == contents(other)


def test_a_source_that_was_never_read_completely_is_not_in_it(other: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing to put"):
        create_bundle(other)
    world = World()
    world.scripts[Source.CISA] = Script([(Feed.KEV, [raw(IDS[0], Claim(title="Listed"))], "last")])
    failing = Script([(Feed.NVD, [raw(IDS[0], Claim(title="First part"))], "")])
    failing.error = StoreFull("The disk is full", "")
    world.scripts[Source.NVD] = failing
    with pytest.raises(StoreFull):
        run_update(Settings(), other, CountingRun(), entries=world.entries(), clock=lambda: NOON)
    path = tmp_path / "part.otbundle"
    path.write_bytes(b"".join(create_bundle(other)))
    with open_bundle(path) as bundle:
        assert [state.source for state in bundle.header.sources] == [Source.CISA]
        rows = [row for message in bundle.messages() if isinstance(message, Portion) for row in message.rows]
    assert len(rows) == 1
    assert b"First part" not in rows[0][2]


def test_a_listing_that_is_far_too_short_withdraws_nothing(database: Database, other: Database, tmp_path: Path) -> None:
    origin = UpdatedDatabase(other, tmp_path, 5)
    origin.update()
    load(database, origin.bundle())
    before = digest_of(database)
    with open_bundle(origin.bundle()) as bundle:
        states = [msgspec.structs.replace(state, watermark=NOON) for state in bundle.header.sources]
        header = msgspec.structs.replace(bundle.header, sources=tuple(states))
        messages = [message for message in bundle.messages() if isinstance(message, ScoresOfYear)]
    path = tmp_path / "short.otbundle"
    path.write_bytes(b"".join(bundle_file.written([header, *messages, End(0)])))
    result = load(database, path)
    assert set(result["degraded"]) >= {"cisa", "euvd"}
    assert digest_of(database) == before


# -- files that are refused -------------------------------------------------------------------------------------------
@pytest.fixture
def good(other: Database, tmp_path: Path) -> bytes:
    origin = UpdatedDatabase(other, tmp_path, 2)
    origin.update()
    return origin.bundle().read_bytes()


def sealed(content: bytes) -> bytes:
    """The same with a digest that fits."""
    return content + hashlib.sha256(content).digest() + bytes(64)


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


BAD: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "another file": lambda _: b"PK\x03\x04" + bytes(500),
    "only its beginning": lambda good: good[:10],
    "truncated": lambda good: good[:-200],
    "something after it": lambda good: good + b"more",
    "a bit flipped": flipped,
    "newer": lambda good: sealed(good[:8] + struct.pack("<H", 2) + good[10:-96]),
    "no compressed content": lambda good: sealed(good[:10] + b"not zstd"),
    "ends within its content": lambda good: sealed(good[:-300]),
    "two contents": lambda good: sealed(good[:-96] + good[10:-96]),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_intact_bundle_is_refused(good: bytes, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bad.otbundle"
    path.write_bytes(BAD[kind](good))
    with pytest.raises(BundleRefused) as refused, open_bundle(path) as bundle:
        list(bundle.messages())
    assert refused.value.message
    assert refused.value.hint


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"missing\.otbundle"), open_bundle(tmp_path / "missing.otbundle"):
        pass


def row_of(name: str) -> StoredRecords:
    return (name, b"\x90", b"\x90")  # no heads, no claims


FORGED: dict[str, list[bundle_file.Message]] = {
    "an id that is none": [Portion([row_of("no id")]), End(1)],
    "not in order": [Portion([row_of("CVE-2024-1000")]), Portion([row_of("CVE-2024-1001")]), End(2)],
    "fewer records than it says": [Portion([row_of("CVE-2024-1000")]), End(2)],
    "no end": [Portion([row_of("CVE-2024-1000")])],
    "heads that are none": [Portion([("CVE-2024-1000", b"\xc1", b"\x90")]), End(1)],
    "claims that are none": [Portion([("CVE-2024-1000", b"\x90", b"\x91\x01")]), End(1)],
    "an unknown feed": [Portion([("CVE-2024-1000", b"\x91\x94\x63\xc4\x08abcdefgh\xc0\xc0", b"\x91\x80")]), End(1)],
    "heads without claims": [Portion([("CVE-2024-1000", b"\x91\x94\x02\xc4\x08abcdefgh\xc0\xc0", b"\x90")]), End(1)],
    "a score above one": [ScoresOfYear(2024, (1,), (10**9 + 1,), (None,)), End(0)],
    "scores without numbers": [ScoresOfYear(2024, (), (1,), (None,)), End(0)],
    "numbers that fall": [ScoresOfYear(2024, (5, -1), (1, 1), (None, None)), End(0)],
    "a second header": [Header("b", NOON, "1.0", 0, ()), End(0)],
}


@pytest.mark.parametrize("kind", FORGED)
def test_content_that_this_program_did_not_write_is_refused_before_anything_is_stored(
    database: Database, tmp_path: Path, kind: str
) -> None:
    cursor = b'{"watermark":"2026-01-01T00:00:00Z"}'
    states = tuple(bundle_file.SourcePosition(source, cursor) for source in Source)
    path = tmp_path / "forged.otbundle"
    path.write_bytes(b"".join(bundle_file.written([Header("a", NOON, "1.0", 1, states), *FORGED[kind]])))
    before = contents(database)
    with pytest.raises(BundleRefused):
        load(database, path)
    assert contents(database) == before


def test_a_part_that_claims_to_be_huge_is_refused() -> None:
    content = struct.pack("<I", 2**31) + b"x"
    body = sealed(b"OTBUNDLE" + struct.pack("<H", 1) + Compressor(None).compress(content))
    with pytest.raises(BundleRefused, match="too long"):
        Bundle(lambda position, size: body[position : position + size], len(body))


def test_a_position_that_is_no_cursor_is_refused(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "forged.otbundle"
    state = bundle_file.SourcePosition(Source.NVD, b"no JSON")
    path.write_bytes(b"".join(bundle_file.written([Header("a", NOON, "1.0", 0, (state,)), End(0)])))
    with pytest.raises(OpenThreatError, match="cannot be loaded"):
        load(database, path)


# -- signatures -------------------------------------------------------------------------------------------------------
def test_only_what_the_trusted_key_signed_is_accepted(good: bytes, tmp_path: Path) -> None:
    path, other_key = tmp_path / "all.otbundle", make_key(tmp_path / "other key")
    public = make_key(tmp_path / "key")
    path.write_bytes(good)
    with open_bundle(path) as bundle:
        assert checked_signer(bundle, "") is None
        with pytest.raises(BundleRefused, match="not signed"):
            checked_signer(bundle, public)
    sign(path, read_key(tmp_path / "key"))
    with open_bundle(path) as bundle:
        assert bundle.is_signed
        assert checked_signer(bundle, public.upper()) == public
        with pytest.raises(BundleRefused, match="another key"):
            checked_signer(bundle, other_key)


def test_a_forger_cannot_give_other_content_an_old_signature(good: bytes, tmp_path: Path) -> None:
    path, public = tmp_path / "all.otbundle", make_key(tmp_path / "key")
    path.write_bytes(good)
    sign(path, read_key(tmp_path / "key"))
    signature = path.read_bytes()[-64:]
    forged = b"".join(bundle_file.written([Header("a", NOON, "1.0", 0, ()), End(0)]))
    path.write_bytes(forged[:-64] + signature)
    with open_bundle(path) as bundle, pytest.raises(BundleRefused, match="another key"):
        checked_signer(bundle, public)


def test_a_key_is_never_overwritten_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "key")
    if sys.platform != "win32":
        assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_what_is_no_key_is_said(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "all.otbundle"
    path.write_bytes(good)
    (tmp_path / "text").write_text("no key")
    with pytest.raises(OpenThreatError, match="cannot be used"):
        read_key(tmp_path / "text")
    with open_bundle(path) as bundle, pytest.raises(ConfigurationError, match="no key"):
        checked_signer(bundle, "12")
