"""When entries are due, on replayed clocks: daylight saving, sleep, clocks set back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSimError

from backend.domain.schedule import ScheduleDecision, ScheduleEntry, decide, next_run

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
EVERY_TWO_HOURS, AT_THREE, EVERY_QUARTER = "0 */2 * * *", "0 3 * * *", "*/15 * * * *"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def replay(
    entry: ScheduleEntry, moments: list[datetime], zone: ZoneInfo = BERLIN
) -> tuple[list[datetime], ScheduleEntry]:
    """Apply the decisions as beat does: the moments at which a run was requested, and the entry afterwards."""
    ran = []
    for now in moments:
        decision = decide(entry, now, zone)
        if decision is None:
            continue
        entry = replace(entry, next_run_at=decision.next_run_at)
        if decision.run:
            ran.append(now)
            entry = replace(entry, last_run_at=now)
    return ran, entry


def ticking(start: datetime, hours: float, step: float = 30.0) -> list[datetime]:
    return [start + timedelta(seconds=step * i) for i in range(int(hours * 3600 / step) + 1)]


def entry(cron: str) -> ScheduleEntry:
    return ScheduleEntry("some", "task", cron)


def test_reads_the_line_in_the_given_zone_and_answers_in_utc() -> None:
    assert next_run(AT_THREE, at("2026-07-01T12:00Z"), BERLIN) == at("2026-07-02T01:00Z")
    assert next_run(AT_THREE, at("2026-07-01T12:00Z"), NEW_YORK) == at("2026-07-02T07:00Z")


def test_refuses_a_line_that_is_none_or_that_no_day_fits() -> None:
    for line in ("every day", "0 0 30 2 *", "61 * * * *"):
        with pytest.raises(CronSimError):
            next_run(line, at("2026-01-01T00:00Z"), BERLIN)


@pytest.mark.parametrize(
    ("zone", "midnight", "hours", "expected"),
    [
        (BERLIN, "2026-03-29T00:00+01:00", 23, 1),  # 02:00 jumps to 03:00
        (BERLIN, "2026-10-25T00:00+02:00", 25, 1),
        (NEW_YORK, "2026-03-08T00:00-05:00", 23, 1),
        (NEW_YORK, "2026-11-01T00:00-04:00", 25, 1),
    ],
)
@pytest.mark.parametrize("cron", [AT_THREE, "30 2 * * *", "30 1 * * *"])
def test_a_daily_entry_runs_once_on_the_day_the_clocks_change(
    zone: ZoneInfo, midnight: str, hours: int, expected: int, cron: str
) -> None:
    ran, _ = replay(entry(cron), ticking(at(midnight), hours - 0.01), zone)
    assert len(ran) == expected


@pytest.mark.parametrize(
    ("zone", "midnight", "hours"),
    [
        (BERLIN, "2026-03-29T00:00+01:00", 23),
        (BERLIN, "2026-10-25T00:00+02:00", 25),
        (NEW_YORK, "2026-03-08T00:00-05:00", 23),
        (NEW_YORK, "2026-11-01T00:00-04:00", 25),
    ],
)
def test_an_entry_every_quarter_of_an_hour_keeps_its_pace_when_the_clocks_change(
    zone: ZoneInfo, midnight: str, hours: int
) -> None:
    ran, _ = replay(entry(EVERY_QUARTER), ticking(at(midnight), hours), zone)
    gaps = {later - earlier for earlier, later in pairwise(ran)}
    assert gaps == {timedelta(minutes=15)}
    assert len(ran) == hours * 4


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01"])
def test_an_entry_every_two_hours_never_pauses_longer_than_three_hours(zone: ZoneInfo, day: str) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    ran, _ = replay(entry(EVERY_TWO_HOURS), ticking(start, 26), zone)
    gaps = [later - earlier for earlier, later in pairwise(ran)]
    assert max(gaps) <= timedelta(hours=3)
    assert min(gaps) >= timedelta(hours=1)


def test_a_new_entry_waits_for_its_first_time() -> None:
    decision = decide(entry(EVERY_TWO_HOURS), at("2026-06-01T08:30Z"), BERLIN)
    assert decision == ScheduleDecision(run=False, next_run_at=at("2026-06-01T10:00Z"))


def test_makes_up_once_for_five_hours_of_sleep() -> None:
    before, after = ticking(at("2026-06-01T08:30Z"), 1), ticking(at("2026-06-01T14:31Z"), 0.2)
    ran, slept = replay(entry(EVERY_QUARTER), before + after)
    assert [moment for moment in ran if moment >= after[0]] == [after[0]]
    assert slept.next_run_at == at("2026-06-01T14:45Z")


def test_goes_on_at_once_when_the_clock_is_set_back_two_hours() -> None:
    before, after = ticking(at("2026-06-01T10:00:10Z"), 1), ticking(at("2026-06-01T09:00:20Z"), 3)
    ran, _ = replay(entry(EVERY_QUARTER), before + after)
    later = ran[4:]  # one of them each at 10:15, 10:30, 10:45 and 11:00
    assert later[0] == at("2026-06-01T09:15:20Z")
    gaps = {second - first for first, second in pairwise(later)}
    assert gaps == {timedelta(minutes=15)}


def test_does_not_run_twice_when_the_clock_is_corrected_by_half_a_second() -> None:
    ran, _ = replay(
        entry(EVERY_QUARTER),
        [
            at("2026-06-01T09:50:00Z"),
            at("2026-06-01T10:00:00.200Z"),
            at("2026-06-01T09:59:59.800Z"),
            at("2026-06-01T10:00:00.900Z"),
            at("2026-06-01T10:00:02Z"),
        ],
    )
    assert ran == [at("2026-06-01T10:00:00.200Z")]


def test_forgets_a_time_far_ahead_once_the_clock_is_right_again() -> None:
    ran, _ = replay(
        entry(EVERY_TWO_HOURS),
        [at("2031-01-01T00:00:10Z"), at("2031-01-01T02:00:10Z"), *ticking(at("2026-06-01T08:30Z"), 2)],
    )
    assert ran[1:] == [at("2026-06-01T10:00Z")]


def test_an_edit_that_brings_the_next_run_nearer_counts_at_once() -> None:
    _, planned = replay(entry(AT_THREE), [at("2026-06-01T08:30Z")])
    edited = replace(planned, cron=EVERY_QUARTER)
    assert decide(edited, at("2026-06-01T08:31Z"), BERLIN) == ScheduleDecision(
        run=False, next_run_at=at("2026-06-01T08:45Z")
    )


def test_an_entry_that_is_switched_off_is_not_due_and_says_no_next_time() -> None:
    off = replace(entry(EVERY_QUARTER), enabled=False, next_run_at=at("2026-06-01T08:30Z"))
    assert decide(off, at("2026-06-01T09:00Z"), BERLIN) == ScheduleDecision(run=False, next_run_at=None)
    assert decide(replace(off, next_run_at=None), at("2026-06-01T09:00Z"), BERLIN) is None
