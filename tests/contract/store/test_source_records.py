"""Records as sources sent them: stored, compared, walked over."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from backend.domain.claims import Claim, Feed, decode_claim
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import RecordRow
from tests.fakes.vulnerabilities import record

AWKWARD = "back\\slash \\N \\. \ttab\nline\r\nreturn \x01 'quote' \"double\" é 資料 😀 {brace} %s :name"


def put(database: Database, *rows: RecordRow, fresh: bool = True) -> None:
    with database.transaction() as connection:
        new = {(row.vulnerability_id, row.key) for row in rows} if fresh else set()
        IngestRepository(connection).put_records(rows, fresh=new)


def stored_ids(database: Database) -> list[str]:
    with database.reading() as connection:
        return [stored.vulnerability_id for stored in IngestRepository(connection).records_after("", 1000)]


@pytest.mark.parametrize("fresh", [True, False])
def test_text_survives_as_it_is(database: Database, *, fresh: bool) -> None:
    claim = Claim(title=AWKWARD, modified_at=datetime(2024, 2, 29, 12, tzinfo=UTC))
    put(database, record("CVE-2024-1", claim=claim)._replace(raw_hash=bytes(range(16)), key=AWKWARD), fresh=fresh)
    with database.reading() as connection:
        store = IngestRepository(connection)
        (stored,) = store.records_of(["CVE-2024-1"])
        assert decode_claim(stored.payload) == claim
        assert store.hashes(Feed.NVD, ["CVE-2024-1"]) == {("CVE-2024-1", AWKWARD): bytes(range(16))}
        assert store.versions(Feed.NVD, ["CVE-2024-1"]) == {"CVE-2024-1": "2024-02-29T12:00:00+00:00"}


def test_a_second_word_replaces_the_first(database: Database) -> None:
    put(database, record("CVE-2024-1"), record("CVE-2024-2"))
    put(database, record("CVE-2024-1", raw_hash=b"1" * 16), record("CVE-2024-3"), fresh=False)
    with database.reading() as connection:
        hashes = IngestRepository(connection).hashes(Feed.NVD, ["CVE-2024-1", "CVE-2024-2", "CVE-2024-3", "CVE-2024-4"])
    assert {name: raw_hash[:1] for (name, _), raw_hash in hashes.items()} == {
        "CVE-2024-1": b"1",
        "CVE-2024-2": b"0",
        "CVE-2024-3": b"0",
    }


def test_naming_a_stored_record_fresh_is_refused(database: Database) -> None:
    put(database, record("CVE-2024-1"))
    with pytest.raises(Exception, match=re.compile("unique", re.IGNORECASE)) as refused:
        put(database, record("CVE-2024-1"))
    assert isinstance(refused.value, IntegrityError) or type(refused.value).__name__ == "UniqueViolation"


def test_feeds_are_kept_apart(database: Database) -> None:
    put(database, record("CVE-2024-1", Feed.NVD), record("CVE-2024-1", Feed.MITRE))
    with database.transaction() as connection:
        store = IngestRepository(connection)
        store.delete_records(Feed.NVD, [("CVE-2024-1", "CVE-2024-1")])
        assert [stored.feed for stored in store.records_of(["CVE-2024-1"])] == [Feed.MITRE]


def test_euvd_records_are_found_by_their_own_id(database: Database) -> None:
    put(database, record("CVE-2024-1", Feed.EUVD, "EUVD-2024-7"), record("CVE-2024-2", Feed.EUVD, "EUVD-2024-7"))
    with database.reading() as connection:
        hashes = IngestRepository(connection).hashes(Feed.EUVD, ["EUVD-2024-7"])
    assert set(hashes) == {("CVE-2024-1", "EUVD-2024-7"), ("CVE-2024-2", "EUVD-2024-7")}


def test_the_walk_goes_in_byte_order_and_cuts_no_vulnerability_in_two(database: Database) -> None:
    ids = ["CVE-2024-10000", "CVE-2024-1002", "CVE-2024-9999", "EUVD-2024-1"]
    put(database, *(record(name, feed) for name in ids for feed in (Feed.NVD, Feed.MITRE)))
    with database.reading() as connection:
        store = IngestRepository(connection)
        first, second = store.records_after("", 3), store.records_after("CVE-2024-9999", 3)
        assert store.records_after("EUVD-2024-1", 3) == []
        assert store.count_ids() == 4
    assert [stored.vulnerability_id for stored in first] == [name for name in ids[:3] for _ in range(2)]
    assert [stored.vulnerability_id for stored in second] == ["EUVD-2024-1"] * 2


def test_the_keys_of_a_feed_come_page_by_page(database: Database) -> None:
    pairs = [("CVE-2024-1", "EUVD-2024-2"), ("CVE-2024-1", "EUVD-2024-3"), ("CVE-2024-2", "EUVD-2024-1")]
    put(database, record("CVE-2024-1", Feed.NVD), *(record(name, Feed.EUVD, key) for name, key in pairs))
    with database.reading() as connection:
        store = IngestRepository(connection)
        assert store.keys_of(Feed.EUVD, ("", ""), 2) == pairs[:2]
        assert store.keys_of(Feed.EUVD, pairs[1], 2) == pairs[2:]
        assert store.keys_of(Feed.EUVD, pairs[2], 2) == []


def test_a_page_that_fails_leaves_nothing(database: Database) -> None:
    class SuddenError(Exception):
        pass

    def fail() -> None:
        with database.transaction() as connection:
            IngestRepository(connection).put_records([record("CVE-2024-1")], fresh={("CVE-2024-1", "CVE-2024-1")})
            raise SuddenError

    with pytest.raises(SuddenError):
        fail()
    assert stored_ids(database) == []
