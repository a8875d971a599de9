"""The parsers accept every recorded record of the CVE list, CISA's catalogue and FIRST's table.

By default one record in twenty; all of them with OPENTHREAT_TEST_ALL_RECORDS=1 in the environment.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from backend.connectors.cisa.parse import parse as parse_entry
from backend.connectors.connector import RawRecord
from backend.connectors.epss.parse import parse as parse_row
from backend.connectors.mitre.parse import parse as parse_record
from backend.domain.claims import Claim, RecordState, decode_claim, encode_claim

pytestmark = pytest.mark.realdata

STEP = 1 if os.environ.get("OPENTHREAT_TEST_ALL_RECORDS") else 20
CVE_ID = re.compile(rb'"cveId":\s*"(CVE-\d+-\d+)"')


@pytest.fixture
def recorded(feed_world: Path) -> Path:
    return feed_world.parent / "public"


def lines(paths: Iterator[Path]) -> Iterator[bytes]:
    for path in paths:
        with gzip.open(path, "rb") as file:
            yield from islice((line for line in file if line.strip()), 0, None, STEP)


def storable(claim: Claim) -> bool:
    return decode_claim(encode_claim(claim)) == claim


def test_the_cve_list(recorded: Path) -> None:
    states = set()
    described = scored = dated = seen = 0
    for raw in lines(recorded.glob("mitre/**/*.jsonl.gz")):
        found = CVE_ID.search(raw)
        assert found
        key = found[1].decode()
        parsed = parse_record(RawRecord(key, raw, key))
        ((vulnerability_id, claim),) = parsed.claims
        assert vulnerability_id == key
        assert parsed.mended == []
        assert storable(claim)
        states.add(claim.state)
        seen, described, dated = seen + 1, described + bool(claim.description), dated + bool(claim.published_at)
        scored += bool(claim.scores)
    assert seen > 1000
    assert states == set(RecordState)
    assert described == seen
    assert dated > 0.98 * seen
    assert scored > 0.6 * seen


def test_cisas_catalogues(recorded: Path) -> None:
    for path in recorded.glob("kev/**/*.json.gz"):
        catalogue = json.loads(gzip.decompress(path.read_bytes()))
        for entry in catalogue["vulnerabilities"][::STEP]:
            key = entry["cveID"]
            parsed = parse_entry(RawRecord(key, json.dumps(entry).encode(), key))
            claim = parsed.claims[0][1]
            assert parsed.mended == []
            assert storable(claim)
            assert claim.kev
            assert claim.kev.date_added
            assert claim.kev.due_date
            assert claim.vendors
            assert claim.references


def test_firsts_table(recorded: Path) -> None:
    rows = list(lines(recorded.glob("epss/*.csv.gz")))
    assert len(rows) > 1000
    for row in (row.strip() for row in rows if row.startswith(b"CVE-")):
        key = row.partition(b",")[0].decode()
        claim = parse_row(RawRecord(key, row, key)).claims[0][1]
        assert claim.epss is not None
        assert storable(claim)
