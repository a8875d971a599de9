from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest
from cronsim import CronSim

from backend.contract.data_problems import schedule_problems
from backend.contract.names import TaskName
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from backend.contract.schedule import ScheduledTask, SchedulePause
from desktop.ui.pages.schedule.page import headline
from desktop.ui.pages.schedule.recurrence import (
    HOUR_STEPS,
    MINUTE_STEPS,
    CronLine,
    Daily,
    EveryHours,
    EveryMinutes,
    Recurrence,
    Weekly,
    recurrence_of,
    words_of,
)

NOW = datetime(2026, 11, 22, 10, 48, tzinfo=UTC)
RECURRENCES: list[Recurrence] = [
    *(EveryMinutes(step) for step in MINUTE_STEPS),
    *(EveryHours(step, 17) for step in HOUR_STEPS),
    Daily(time(23, 59)),
    Weekly((1, 3, 7), time(0, 5)),
]


@pytest.mark.parametrize("recurrence", RECURRENCES, ids=str)
def test_a_line_that_was_made_is_understood_again(recurrence: Recurrence) -> None:
    assert recurrence_of(recurrence.line) == recurrence


@pytest.mark.parametrize(
    "recurrence",
    [recurrence for recurrence in RECURRENCES if isinstance(recurrence, EveryMinutes | EveryHours)],
    ids=str,
)
def test_steps_that_are_offered_are_even_over_midnight(recurrence: Recurrence) -> None:
    runs = CronSim(recurrence.line, NOW)
    moments = [next(runs) for _ in range(60)]
    assert len({after - before for before, after in pairwise(moments)}) == 1


@pytest.mark.parametrize(
    "line",
    ["*/7 * * * *", "0 */5 * * *", "0 3 1 * *", "0 3 * * 5-1", "99 3 * * *", "0 24 * * *", "61 * * *", "", "@daily"],
)
def test_what_only_cron_can_say_stays_as_it_is(line: str) -> None:
    assert recurrence_of(line) == CronLine(line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "Every hour, on the hour"),
        ("0 */2 * * *", "Every 2 hours, on the hour"),
        ("5 */2 * * *", "Every 2 hours, 5 min past the hour"),
        ("30 4 * * 0", "Every Sunday at 04:30"),
        ("30 4 * * 7", "Every Sunday at 04:30"),
        ("0 9 * * 1-5", "Mon to Fri at 09:00"),
        ("0 9 * * 1,3", "Mon, Wed at 09:00"),
        ("0 9 1 1 *", "as the API says"),
    ],
)
def test_a_line_is_put_in_words(line: str, words: str) -> None:
    assert words_of(recurrence_of(line), "as the API says") == words


def entry(**changes: object) -> ScheduledTask:
    facts = {"name": "update-vulnerabilities", "task": TaskName.UPDATE, "schedule": "0 */2 * * *", "description": ""}
    return ScheduledTask.model_validate({**facts, "enabled": True, **changes})


@pytest.mark.parametrize(
    ("entries", "pause", "text"),
    [
        ([entry(next_run_at=NOW.replace(hour=12, minute=0))], {}, "Next update in 1 h 12 min"),
        ([entry(next_run_at=NOW)], {}, "The next update is due"),
        ([entry()], {}, "Calculating the next update…"),
        (
            [entry(enabled=False)],
            {},
            "Automatic updates are off: No update in the schedule is turned on.",
        ),
        (
            [entry(task=TaskName.CLEAN_CACHE)],
            {},
            "Automatic updates are off: No update in the schedule is turned on.",
        ),
        (
            [entry()],
            {"paused": True},
            "The schedule is paused until it is resumed: Nothing runs automatically until then.",
        ),
    ],
)
def test_the_first_line_says_when_the_next_update_comes(
    entries: list[ScheduledTask], pause: dict[str, bool], text: str
) -> None:
    found = schedule_problems(entries, SchedulePause.model_validate(pause))
    assert headline(entries, found, NOW) == text


def test_without_a_service_that_starts_it_no_next_update_is_promised() -> None:
    unattended = problem(ProblemId.SCHEDULE_UNATTENDED, service="beat")
    text = headline([entry(next_run_at=NOW.replace(hour=12))], [unattended], NOW)
    assert text == "Nothing runs automatically: The Schedule service is not running."
