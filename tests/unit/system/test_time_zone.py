"""Settings of the time zone as they really occur, each in a process of its own, which reads TZ at its start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from backend.domain.schedule import next_runs
from backend.system.time_zone import SystemZone

_PROGRAM = """
import json, logging, sys
from datetime import UTC, datetime
from itertools import islice
logging.basicConfig(stream=sys.stderr, format="%(message)s")
from backend.domain.schedule import next_runs
from backend.system.time_zone import local_zone, odd_setting, zone_in_words
local_zone()
zone = local_zone()
runs = [list(islice(next_runs("0 3 * * *", datetime(2026, month, 1, tzinfo=UTC), zone), 2)) for month in (1, 7)]
print(json.dumps([odd_setting(), zone_in_words(), [run.astimezone(UTC).isoformat() for pair in runs for run in pair]]))
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TZ of POSIX")


def read_zone(tz: str) -> tuple[str, str, list[str], list[str]]:
    """Return the odd setting, the zone in words, the next runs at 3:00 in January and July, and the warnings."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, "TZ": tz},
        capture_output=True,
        text=True,
        check=True,
    )
    odd, words, runs = json.loads(done.stdout)
    return odd, words, runs, [line for line in done.stderr.splitlines() if "time zone" in line]


@pytest.mark.parametrize(
    ("tz", "winter", "summer"),
    [
        ("CET-1CEST,M3.5.0,M10.5.0/3", 2, 1),
        ("EST5EDT,M3.2.0,M11.1.0", 8, 7),
        ("<+0545>-5:45", 21.25, 21.25),
        ("UTC+3", 6, 6),
        ("GMT-5", 22, 22),
        ("Europe", 3, 3),  # a folder of the tz database
        ("Mars/Olympus Mons", 3, 3),
        ("../../etc/passwd", 3, 3),
    ],
)
def test_what_is_no_name_is_used_as_the_system_reads_it_with_one_warning(tz: str, winter: float, summer: float) -> None:
    odd, words, runs, warnings = read_zone(tz)
    hours = [datetime.fromisoformat(run).hour + datetime.fromisoformat(run).minute / 60 for run in runs]
    assert hours == [winter, winter, summer, summer]
    assert odd == f"TZ={tz}"
    assert "UTC" in words
    assert len(warnings) == 1
    assert tz in warnings[0]


@pytest.mark.parametrize(("tz", "hour"), [("Europe/Berlin", 2), ("UTC", 3), ("Asia/Kolkata", 21)])
def test_names_are_names(tz: str, hour: int) -> None:
    odd, words, runs, warnings = read_zone(tz)
    assert (odd, words, warnings) == ("", tz, [])
    assert datetime.fromisoformat(runs[0]).hour == hour


def test_times_go_to_the_zone_of_the_system_and_back() -> None:
    for hours in range(0, 400 * 24, 7):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        assert moment.astimezone(SystemZone()).astimezone(UTC) == moment
    assert next(iter(next_runs("*/5 * * * *", moment, SystemZone()))) > moment
