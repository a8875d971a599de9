from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import Severity, Tag
from backend.domain.claims import Claim, Origin, RecordState, Score
from backend.domain.priority import PriorityFacts, facts_of, priority_reasons, priority_score
from tests.unit.domain.claims_of import CRITICAL_31, epss, instant, listed, merged, nvd

TODAY = date(2026, 1, 30)
PLAIN = PriorityFacts(
    state=RecordState.PUBLISHED,
    severity=Severity.HIGH,
    cvss_score=7.5,
    published_at=instant("2025-06-01"),
    exploited_in_the_wild=False,
    kev_date_added=None,
    known_ransomware=None,
    eu_exploited=False,
    ssvc_exploitation="",
    epss=0.01,
)


def but(facts: PriorityFacts = PLAIN, **changed: Any) -> PriorityFacts:
    return msgspec.structs.replace(facts, **changed)


def score(**changed: Any) -> float:
    return priority_score(but(**changed), TODAY)


facts_strategy = st.builds(
    PriorityFacts,
    state=st.just(RecordState.PUBLISHED),
    severity=st.sampled_from(Severity),
    cvss_score=st.none() | st.floats(0, 10),
    published_at=st.none() | st.integers(0, 15_000).map(lambda days: instant("1990-01-01") + timedelta(days=days)),
    exploited_in_the_wild=st.booleans(),
    kev_date_added=st.none() | st.dates(),
    known_ransomware=st.none() | st.booleans(),
    eu_exploited=st.booleans(),
    ssvc_exploitation=st.sampled_from(["", "none", "poc", "active"]),
    epss=st.none() | st.floats(0, 1),
    tags=st.lists(st.sampled_from(Tag), unique=True).map(tuple),
)


@given(facts_strategy)
def test_a_score_lies_between_0_and_1_with_four_decimals(facts: PriorityFacts) -> None:
    found = priority_score(facts, TODAY)
    assert 0 < found <= 1
    assert found == round(found, 4)


def _rank(facts: PriorityFacts) -> int:
    marks = (facts.exploited_in_the_wild, facts.eu_exploited, facts.ssvc_exploitation == "active", True)
    return -marks.index(True)


@given(facts_strategy, facts_strategy)
def test_whose_word_it_is_comes_before_any_likelihood(first: PriorityFacts, second: PriorityFacts) -> None:
    if _rank(first) > _rank(second):
        assert priority_score(first, TODAY) > priority_score(second, TODAY)


@given(facts_strategy, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_estimate_never_lowers_the_score(facts: PriorityFacts, first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert priority_score(but(facts, epss=low), TODAY) <= priority_score(but(facts, epss=high), TODAY)


@given(facts_strategy, st.floats(0, 10), st.floats(0, 10))
def test_a_higher_cvss_score_never_lowers_the_score(facts: PriorityFacts, first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert priority_score(but(facts, cvss_score=low), TODAY) <= priority_score(but(facts, cvss_score=high), TODAY)


@given(facts_strategy, st.integers(0, 20_000))
def test_time_never_raises_a_score(facts: PriorityFacts, days: int) -> None:
    assert priority_score(facts, TODAY + timedelta(days=days)) <= priority_score(facts, TODAY)


@given(facts_strategy, st.sampled_from(Tag))
def test_a_tag_never_raises_a_score(facts: PriorityFacts, tag: Tag) -> None:
    assert priority_score(but(facts, tags=(tag,)), TODAY) <= priority_score(but(facts, tags=()), TODAY)


@pytest.mark.parametrize("tag", Tag)
@pytest.mark.parametrize("known", [{}, {"exploited_in_the_wild": True}, {"eu_exploited": True}, {"epss": 0.9}])
def test_each_tag_lowers_a_score_and_is_a_reason(tag: Tag, known: dict[str, Any]) -> None:
    assert score(tags=(tag,), **known) < score(**known)
    assert len(priority_reasons(but(tags=(tag,)), TODAY)) == len(priority_reasons(PLAIN, TODAY)) + 1


def test_a_listed_record_comes_before_others_whatever_its_tags() -> None:
    assert score(exploited_in_the_wild=True, tags=tuple(Tag)) > score(epss=0.99, cvss_score=10.0)


@given(facts_strategy)
def test_a_rejected_record_comes_last(facts: PriorityFacts) -> None:
    rejected = but(facts, state=RecordState.REJECTED)
    assert priority_score(rejected, TODAY) == 0 < priority_score(facts, TODAY)
    assert priority_reasons(rejected, TODAY) == ("Rejected: no vulnerability of its own",)


@given(facts_strategy)
def test_every_score_has_reasons(facts: PriorityFacts) -> None:
    assert priority_reasons(facts, TODAY)


def test_every_ingredient_counts() -> None:
    assert score() < score(epss=0.02)
    assert score() < score(cvss_score=9.8)
    assert score() < score(published_at=instant("2026-01-29"))


def test_within_the_exploited_the_likelier_comes_first() -> None:
    assert score(exploited_in_the_wild=True, epss=0.1) < score(exploited_in_the_wild=True, epss=0.9)


def test_an_unknown_estimate_is_neither_the_best_nor_the_worst() -> None:
    assert score(epss=0.00001) < score(epss=None) < score(epss=0.5)
    assert score(cvss_score=2.0) < score(cvss_score=None) < score(cvss_score=9.8)


def test_a_publication_date_in_the_future_counts_as_today() -> None:
    assert score(published_at=instant("2030-01-01")) == score(published_at=instant("2026-01-30"))
    assert "Published today" in priority_reasons(but(published_at=instant("2030-01-01")), TODAY)


def test_an_undated_record_counts_as_old() -> None:
    assert score(published_at=None) == score(published_at=instant("1970-01-01"))


def test_reasons_are_words_with_the_weightiest_first() -> None:
    facts = but(
        exploited_in_the_wild=True,
        kev_date_added=date(2024, 5, 2),
        known_ransomware=True,
        eu_exploited=True,
        ssvc_exploitation="active",
        epss=0.94,
        cvss_score=9.8,
        severity=Severity.CRITICAL,
        published_at=datetime.fromisoformat("2026-01-27T23:00:00+00:00"),
    )
    assert priority_reasons(facts, TODAY) == (
        "Listed in CISA's known exploited vulnerabilities since 2024-05-02",
        "Used in ransomware campaigns",
        "Listed in the EU's known exploited vulnerabilities",
        "Seen in active use by attackers, says CISA",
        "EPSS: 94 % likely to be exploited within 30 days",
        "Critical: CVSS 9.8",
        "Published 3 days ago",
    )


@pytest.mark.parametrize(
    ("epss", "words"),
    [
        (0.0, "less than 1 %"),
        (0.0099, "less than 1 %"),
        (0.01, "1 %"),
        (0.5, "50 %"),
        (0.99, "99 %"),
        (0.9999, "more than 99 %"),
    ],
)
def test_an_estimate_is_never_rounded_to_never_or_always(epss: float, words: str) -> None:
    assert f"EPSS: {words} likely to be exploited within 30 days" in priority_reasons(but(epss=epss), TODAY)


def test_says_what_is_not_known() -> None:
    assert priority_reasons(but(epss=None, cvss_score=None, published_at=None), TODAY) == (
        "No EPSS estimate yet",
        "No CVSS score yet",
    )


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("2026-01-30", "Published today"),
        ("2026-01-29", "Published yesterday"),
        ("2025-12-31", "Published 30 days ago"),
        ("2025-01-30", "Published 365 days ago"),
    ],
)
def test_tells_the_age_of_a_record_of_the_last_year(published: str, words: str) -> None:
    assert words in priority_reasons(but(published_at=instant(published)), TODAY)


def test_the_age_of_an_old_record_is_no_reason() -> None:
    reasons = priority_reasons(but(published_at=instant("2025-01-29")), TODAY)
    assert not any("Published" in reason for reason in reasons)


def test_takes_its_facts_from_a_merged_vulnerability() -> None:
    analysed = Claim(scores=(Score(Origin.NVD, "3.1", CRITICAL_31),), published_at=instant("2025-06-01"))
    vulnerability = merged(nvd(analysed), epss(0.3), listed())
    facts = facts_of(vulnerability)
    assert {name: getattr(vulnerability, name) for name in facts.__struct_fields__} == msgspec.structs.asdict(facts)
