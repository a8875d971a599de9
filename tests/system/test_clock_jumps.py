"""Jumps of the wall clock, by sleep or by hand, with the real processes of the whole program."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.contract.names import FINAL_STATES, TaskName
from desktop.ui.formatting import until
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.set_clock import SetClock
from tests.system.tray import Tray, notified

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="the zone is given to the processes as POSIX has it")]
UPDATE, STATS, CLEAN = "update-vulnerabilities", "update-stats", "clean-cache"
BERLIN = ZoneInfo("Europe/Berlin")
SATURDAY = datetime(2027, 3, 27, 18, 7, tzinfo=BERLIN)  # in the night that follows, 02:00 becomes 03:00


class Sleeper(Tray):
    """A program on a machine whose clock jumps."""

    def __init__(self, home: Path, clock: SetClock, feeds: FeedServer) -> None:
        self.clock = clock
        (home / "window.ini").write_text("[window]\npage=schedule\n", encoding="utf-8")  # where the next runs are
        super().__init__(home, {"OPENTHREAT_STACK": "embedded", **feeds.environment(), **clock.variables})

    def jumps(self, day: int, hour: int, minute: int, second: int = 0) -> datetime:
        """Set the clock to a time of that March in Berlin and return it."""
        moment = datetime(2027, 3, day, hour, minute, second, tzinfo=BERLIN)
        self.clock.set_to(moment)
        return moment

    def runs_since(self, moment: datetime) -> Counter[str]:
        return Counter(_entry(run) for run in self._runs() if _at(run["queued_at"]) >= moment)

    def runs(self, since: datetime, **expected: int) -> None:
        """Wait until this many runs of each entry were enqueued and all have ended."""
        wanted = Counter({name.replace("_", "-"): times for name, times in expected.items()})

        def done() -> bool:
            return self.runs_since(since) >= wanted and all(run["status"] in FINAL_STATES for run in self._runs())

        wait_until(done, f"since {since}: {wanted}", 60)
        assert self.runs_since(since) == wanted

    def plans(self, **expected: str) -> None:
        """Wait until the next runs are these, as hours and minutes in Berlin, in the API and in the window."""

        def planned() -> bool:
            return expected == {name.replace("-", "_"): f"{next_run:%H:%M}" for name, next_run in self._next().items()}

        wait_until(planned, f"planned: {expected}; is: {self._next()}")
        self.sees("the countdown to each", self._counts_down)

    def _counts_down(self, view: dict[str, Any]) -> bool:
        left = {name: until(next_run, self.clock.now()) for name, next_run in self._next().items()}
        tooltip = f"Next update {left[UPDATE]}" in view.get("tooltip", "")
        return tooltip and all(words in view.get("texts", []) for words in left.values())

    def _next(self) -> dict[str, datetime]:
        entries = self.get("/tasks/scheduled/list").get("scheduled_tasks", [])
        return {
            entry["name"]: _at(entry["next_run_at"]).astimezone(BERLIN) for entry in entries if entry["next_run_at"]
        }

    def _runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/tasks", page_size="100").get("items", [])
        return found


def _entry(run: dict[str, Any]) -> str:
    return {TaskName.UPDATE: UPDATE, TaskName.UPDATE_STATS: STATS, TaskName.CLEAN_CACHE: CLEAN}[run["name"]]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def sleeper(home: Path, tmp_path: Path) -> Iterator[Sleeper]:
    clock = SetClock(tmp_path / "clock", BERLIN.key)
    clock.set_to(SATURDAY)
    with FeedServer() as feeds:
        running = Sleeper(home, clock, feeds)
        yield running
        running.close()


@pytest.mark.full
def test_sleep_a_clock_set_back_and_the_change_to_summer_time_each_make_up_once_for_what_was_missed(
    sleeper: Sleeper,
) -> None:
    sleeper.sees("the first update is done", lambda view: view["standing"] == "well", 120)
    sleeper.runs(SATURDAY, update_vulnerabilities=1)
    sleeper.plans(update_vulnerabilities="20:00", update_stats="18:15", clean_cache="03:00")
    before = sleeper.services()

    asleep = sleeper.jumps(27, 23, 7)
    sleeper.runs(asleep, update_vulnerabilities=1, update_stats=1)
    sleeper.plans(update_vulnerabilities="00:00", update_stats="23:15", clean_cache="03:00")

    set_back = sleeper.jumps(27, 21, 7)
    sleeper.plans(update_vulnerabilities="22:00", update_stats="21:15", clean_cache="03:00")
    assert sleeper.runs_since(set_back) - sleeper.runs_since(asleep) == Counter()

    night = sleeper.jumps(28, 1, 55)
    sleeper.runs(night, update_vulnerabilities=1, update_stats=1)
    sleeper.plans(update_vulnerabilities="04:00", update_stats="03:00", clean_cache="03:00")
    change = sleeper.jumps(28, 1, 59, 57)
    sleeper.runs(change, clean_cache=1, update_stats=1)
    sleeper.plans(update_vulnerabilities="04:00", update_stats="03:15", clean_cache="03:00")

    assert sleeper.runs_since(SATURDAY) == {UPDATE: 3, STATS: 3, CLEAN: 1}
    calm = sleeper.sees("all is well", lambda view: view["standing"] == "well")
    assert notified(calm) == []
    assert {name: (service["pid"], service["restarts"]) for name, service in sleeper.services().items()} == {
        name: (service["pid"], 0) for name, service in before.items()
    }
    sleeper.quits()
