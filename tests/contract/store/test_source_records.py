"""Source records: stored, compared by hash, read in pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from backend.contract.errors import StoreDamaged
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import changes_of
from backend.store.tables import vulnerability_claims
from tests.fakes.vulnerabilities import put_records, record

AWKWARD = "back\\slash \\N \\. \ttab\nline\r\nreturn \x01 'quote' \"double\" é 資料 😀 {brace} %s :name"


def put(database: Database, *records: SourceRecord) -> None:
    with database.transaction() as connection:
        put_records(connection, *records)


def stored_ids(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(IngestRepository(connection).records_after("", 1000))


def hashes(database: Database, feed: Feed, *ids: str) -> dict[tuple[str, str], bytes]:
    with database.reading() as connection:
        return IngestRepository(connection).hashes(feed, ids)


def test_text_survives_as_it_is(database: Database) -> None:
    claim = Claim(title=AWKWARD, modified_at=datetime(2024, 2, 29, 12, tzinfo=UTC))
    written = record("CVE-2024-1", key=AWKWARD, raw_hash=bytes(range(8)), claim=claim)
    put(database, written)
    with database.reading() as connection:
        store = IngestRepository(connection)
        assert store.records_of(["CVE-2024-1"]) == {"CVE-2024-1": [written]}
        assert store.hashes(Feed.NVD, ["CVE-2024-1"]) == {("CVE-2024-1", AWKWARD): bytes(range(8))}
        assert store.versions(Feed.NVD, ["CVE-2024-1"]) == {"CVE-2024-1": "2024-02-29T12:00:00+00:00"}


def test_a_newer_record_replaces_the_first(database: Database) -> None:
    put(database, record("CVE-2024-1"), record("CVE-2024-2"))
    put(database, record("CVE-2024-1", raw_hash=b"1" * 8), record("CVE-2024-3"))
    found = hashes(database, Feed.NVD, "CVE-2024-1", "CVE-2024-2", "CVE-2024-3", "CVE-2024-4")
    assert {name: raw_hash[:1] for (name, _), raw_hash in found.items()} == {
        "CVE-2024-1": b"1",
        "CVE-2024-2": b"0",
        "CVE-2024-3": b"0",
    }


def test_inserting_what_is_stored_is_refused(database: Database) -> None:
    put(database, record("CVE-2024-1"))
    with (
        pytest.raises(Exception, match=re.compile("unique", re.IGNORECASE)) as refused,
        database.transaction() as connection,
    ):
        IngestRepository(connection).put_records(changes_of({"CVE-2024-1": [record("CVE-2024-1")]}, before={}))
    assert isinstance(refused.value, IntegrityError) or type(refused.value).__name__ == "UniqueViolation"


def test_feeds_are_kept_apart(database: Database) -> None:
    nvd, mitre = record("CVE-2024-1", Feed.NVD, raw_hash=b"n" * 8), record("CVE-2024-1", Feed.MITRE)
    put(database, nvd, mitre)
    assert hashes(database, Feed.NVD, "CVE-2024-1") == {("CVE-2024-1", "CVE-2024-1"): b"n" * 8}
    with database.transaction() as connection:
        IngestRepository(connection).put_records(
            changes_of({"CVE-2024-1": [mitre]}, before={"CVE-2024-1": [nvd, mitre]})
        )
    assert hashes(database, Feed.NVD, "CVE-2024-1") == {}
    assert set(hashes(database, Feed.MITRE, "CVE-2024-1")) == {("CVE-2024-1", "CVE-2024-1")}


def test_without_records_nothing_remains(database: Database) -> None:
    written = [record("CVE-2024-1"), record("CVE-2024-1", Feed.EUVD, "EUVD-2024-1")]
    put(database, *written)
    with database.transaction() as connection:
        IngestRepository(connection).put_records(changes_of({"CVE-2024-1": []}, before={"CVE-2024-1": written}))
    assert stored_ids(database) == []
    assert hashes(database, Feed.EUVD, "EUVD-2024-1") == {}


def test_euvd_records_are_found_by_their_own_id(database: Database) -> None:
    others = record("CVE-2024-1", Feed.EUVD, "EUVD-2024-8")
    put(
        database, record("CVE-2024-1", Feed.EUVD, "EUVD-2024-7"), record("CVE-2024-2", Feed.EUVD, "EUVD-2024-7"), others
    )
    found = hashes(database, Feed.EUVD, "EUVD-2024-7")
    assert set(found) == {("CVE-2024-1", "EUVD-2024-7"), ("CVE-2024-2", "EUVD-2024-7")}


def test_the_walk_goes_in_byte_order(database: Database) -> None:
    ids = ["CVE-2024-10000", "CVE-2024-1002", "CVE-2024-9999", "EUVD-2024-1"]
    put(database, *(record(name, feed) for name in ids for feed in (Feed.NVD, Feed.MITRE)))
    with database.reading() as connection:
        store = IngestRepository(connection)
        first, second = store.records_after("", 3), store.records_after("CVE-2024-9999", 3)
        assert store.records_after("EUVD-2024-1", 3) == {}
        assert store.count_ids() == 4
    assert [(name, len(records)) for name, records in first.items()] == [(name, 2) for name in ids[:3]]
    assert list(second) == ["EUVD-2024-1"]


def test_all_keys_of_a_feed_are_listed(database: Database) -> None:
    pairs = [("CVE-2024-1", "EUVD-2024-2"), ("CVE-2024-1", "EUVD-2024-3"), ("CVE-2024-2", "EUVD-2024-1")]
    put(database, record("CVE-2024-1", Feed.NVD), *(record(name, Feed.EUVD, key) for name, key in pairs))
    with database.reading() as connection:
        listed = [pair for portion in IngestRepository(connection).keys_of(Feed.EUVD) for pair in portion]
    assert sorted(listed) == pairs


def test_a_page_that_fails_leaves_nothing(database: Database) -> None:
    class SuddenError(Exception):
        pass

    def fail() -> None:
        with database.transaction() as connection:
            put_records(connection, record("CVE-2024-1"))
            raise SuddenError

    with pytest.raises(SuddenError):
        fail()
    assert stored_ids(database) == []


@pytest.mark.parametrize("damage", [b"", b"no frame at all", b"\x28\xb5\x2f\xfd\x23\x02\x80\x01\x11\x00\x00ab"])
def test_claims_that_cannot_be_read_are_told(database: Database, damage: bytes) -> None:
    put(database, record("CVE-2024-1"))
    with database.transaction() as connection:
        connection.execute(update(vulnerability_claims).values(claims=damage))
    with pytest.raises(StoreDamaged), database.reading() as connection:
        IngestRepository(connection).records_of(["CVE-2024-1"])
