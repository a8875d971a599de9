"""Properties of the merge that hold for every set of claims."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Feed,
    KevEntry,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    SourceRecord,
    Weakness,
    decode_claim,
    encode_claim,
)
from backend.domain.merge import merge
from backend.domain.vulnerability import MergedVulnerability
from tests.unit.domain.claims_of import CRITICAL_31, CVE, HIGH_20, HIGH_40, MEDIUM_31, listed

instants = st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
names = st.sampled_from(["Example", "example_soft", "n/a", "", "Widget"])
probabilities = st.none() | st.floats(0, 1)
vectors = st.sampled_from([("3.1", CRITICAL_31), ("3.1", MEDIUM_31), ("4.0", HIGH_40), ("2.0", HIGH_20), ("3.1", "")])
weaknesses = st.builds(Weakness, st.sampled_from(Origin), st.sampled_from(["CWE-79", "CWE-20", "NVD-CWE-Other"]))
exploitation = st.builds(
    Exploitation, st.sampled_from(["eu-kev", "cisa-ssvc", "euvd"]), status=st.sampled_from(["none", "poc", "active"])
)
urls = st.sampled_from(["https://a.example/x", "https://A.example/x/", "b"])
references = st.builds(ReferenceClaim, urls, st.lists(names, max_size=2).map(tuple))
scores = st.builds(
    lambda origin, vector, stated: Score(origin, vector[0], vector[1], stated),
    st.sampled_from(Origin),
    vectors,
    st.none() | st.floats(-1, 11),
)


def several(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


claims = st.builds(
    Claim,
    state=st.sampled_from(RecordState),
    title=st.sampled_from(["", "Overflow"]),
    description=st.sampled_from(["", "A flaw. In a widget.", "Another"]),
    published_at=st.none() | instants,
    modified_at=st.none() | instants,
    scores=several(scores),
    weaknesses=several(weaknesses),
    vendors=several(names),
    products=several(names),
    affected=several(st.builds(Affected, vendor=names, vulnerable=st.booleans())),
    references=several(references),
    aliases=several(st.sampled_from(["GHSA-2222-3333-4444", "EUVD-2024-1", CVE])),
    exploitation=several(exploitation),
    kev=st.none() | st.builds(KevEntry, date_added=st.none() | st.dates()),
    epss=probabilities,
    epss_percentile=probabilities,
)
euvd_keys = ["EUVD-2024-1", "EUVD-2024-2"]
keys = {feed: [CVE] for feed in Feed} | {Feed.EUVD: euvd_keys, Feed.EUVD_MAPPING: euvd_keys}
records = st.sampled_from(Feed).flatmap(
    lambda feed: st.builds(SourceRecord, st.just(feed), st.sampled_from(keys[feed]), st.just(CVE), claims)
)
testimonies = st.lists(records, max_size=6, unique_by=lambda record: (record.feed, record.key))


@given(testimonies, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(records: list[SourceRecord], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merge(CVE, shuffled) == merge(CVE, records)


@given(testimonies)
def test_merging_what_was_stored_gives_the_same_again(records: list[SourceRecord]) -> None:
    stored = [msgspec.structs.replace(record, claim=decode_claim(encode_claim(record.claim))) for record in records]
    assert merge(CVE, stored) == merge(CVE, records)


@given(testimonies)
def test_a_merged_vulnerability_survives_json(records: list[SourceRecord]) -> None:
    vulnerability = merge(CVE, records)
    if vulnerability is not None:
        assert msgspec.json.decode(msgspec.json.encode(vulnerability), type=MergedVulnerability) == vulnerability


@given(testimonies)
def test_hearing_a_record_twice_changes_nothing(records: list[SourceRecord]) -> None:
    assert merge(CVE, records + records[:1]) == merge(CVE, records)


@given(testimonies)
def test_a_withdrawn_listing_takes_back_what_it_brought(records: list[SourceRecord]) -> None:
    others = [record for record in records if record.feed != Feed.KEV]
    during = merge(CVE, [*others, listed(date_added=date(2024, 1, 1), ransomware=True)])
    assert during is not None
    assert during.exploited_in_the_wild is (during.state is RecordState.PUBLISHED)
    afterwards = merge(CVE, others)
    if afterwards is not None:
        assert not afterwards.exploited_in_the_wild
        assert (afterwards.kev_date_added, afterwards.known_ransomware) == (None, None)
        assert not any("cisa" in verdict.split("+") for verdict in afterwards.details.provenance.values())


@given(testimonies)
def test_every_winner_has_a_record(records: list[SourceRecord]) -> None:
    vulnerability = merge(CVE, records)
    if vulnerability is not None:
        winners = {name for verdict in vulnerability.details.provenance.values() for name in verdict.split("+")}
        assert winners <= set(vulnerability.sources)
