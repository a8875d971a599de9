from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.contract.health import Dependency, DependencyState, Health
from backend.contract.snapshot import Snapshot
from backend.contract.stats import Stats
from desktop.state.read_mark import ReadMark, parse_read_mark, worth_remembering

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
FINE = Dependency(state=DependencyState.OK, message="")


def snapshot(stats: Stats | None) -> Snapshot:
    health = Health(
        status=DependencyState.OK,
        version="1",
        pid=1,
        home="",
        started_at=MONDAY,
        database=FINE,
        broker=FINE,
        workers=FINE,
        beat=FINE,
    )
    return Snapshot(health=health, stats=stats)


def stats(last_update: datetime | None) -> Stats:
    return Stats(
        total_vulnerabilities=5,
        exploited_vulnerabilities=1,
        critical_vulnerabilities=0,
        high_vulnerabilities=0,
        by_severity={},
        by_source={},
        recent_updates=0,
        new_30d=0,
        top_vendors=(),
        last_update=last_update,
        computed_at=MONDAY,
    )


def test_what_stands_there_is_not_seen_before_the_look_is_over() -> None:
    look = ReadMark(MONDAY).showing(TUESDAY)
    assert look.since == MONDAY
    assert look.closed().since == TUESDAY


def test_a_look_at_nothing_does_not_move_on() -> None:
    assert ReadMark(MONDAY).closed() == ReadMark(MONDAY)


def test_it_is_remembered_as_text() -> None:
    assert parse_read_mark(ReadMark(MONDAY).text) == ReadMark(MONDAY)
    assert ReadMark().text == ""


def test_a_text_that_makes_no_sense_means_that_nobody_has_looked() -> None:
    assert parse_read_mark("") == parse_read_mark("yesterday") == parse_read_mark("2026-03-02T09:00:00") == ReadMark()


def test_before_the_first_update_has_ended_nothing_counts_as_seen() -> None:
    assert not worth_remembering(None)
    assert not worth_remembering(snapshot(None))
    assert not worth_remembering(snapshot(stats(None)))
    assert worth_remembering(snapshot(stats(MONDAY)))
