"""Notifications of the real tray when a hundred updates fail in a row and then succeed again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.wire import utc_now
from backend.services.runs.queue import new_run
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.set_clock import SetClock
from tests.system.tray import FIRST_UPDATE, UPDATE_S, Tray, notified

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="the clock is set as POSIX processes can have it")]
ALL = ("cisa", "nvd", "nvd_feeds", "euvd", "mitre", "epss")
AT_ONCE = 14  # fewer than the newest runs in each snapshot


class Unlucky(Tray):
    """The schedule is off, so that only the test starts updates."""

    def __init__(self, home: Path, feeds: FeedServer, clock: SetClock) -> None:
        super().__init__(home, {"OPENTHREAT_STACK": "embedded", **feeds.environment(), **clock.variables})
        self._database = Database(f"sqlite:///{home / 'openthreat.db'}")

    def pauses(self) -> None:
        requests.put(f"{self.api}/tasks/scheduled/pause", json={}, timeout=10).raise_for_status()

    def updates(self, state: RunState) -> None:
        """Run one update with this outcome."""
        task_id = requests.post(f"{self.api}/tasks/update-vulnerabilities", timeout=30).json()["task_id"]
        wait_until(lambda: self.get(f"/tasks/{task_id}").get("status") == state, f"the update is {state}", UPDATE_S)

    def records(self, failures: int) -> None:
        """Record this many failed updates, as a worker does."""
        for _ in range(failures):
            run, now = new_run(TaskName.UPDATE, Trigger.SCHEDULE, utc_now()), utc_now()
            failed = replace(run, state=RunState.FAILURE, finished_at=now, error_title="No source could be read")
            with self._database.transaction() as connection:
                assert RunRepository(connection).add(failed)

    def counts(self, failures: int) -> None:
        """Wait until it has counted so many failures without a notification."""

        def counted() -> bool:
            cause = json.loads((self.home / "alerts.json").read_bytes())["causes"]["run:update"]
            return bool(cause["latest"] and cause["latest"]["count"] == failures)

        wait_until(counted, f"{failures} are counted", 60)

    def notifies(self, *titles: str) -> list[str]:
        """Wait until these notifications were shown, and no other, and return their texts."""
        view = self.sees(f"notified of {titles}", lambda view: notified(view) == list(titles))
        shown = zip(view["notifications"], view["reasons"], strict=True)
        return [reason for title, reason in shown if title != FIRST_UPDATE]

    def close(self) -> None:
        super().close()
        self._database.close()


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def clock(tmp_path: Path) -> SetClock:
    return SetClock(tmp_path / "clock")


@pytest.fixture
def tray(home: Path, feeds: FeedServer, clock: SetClock) -> Iterator[Unlucky]:
    running = Unlucky(home, feeds, clock)
    yield running
    running.close()


@pytest.mark.full
def test_of_a_hundred_failing_updates_people_are_told_once_an_hour_with_a_count_and_once_when_they_work_again(
    tray: Unlucky, feeds: FeedServer, clock: SetClock
) -> None:
    tray.sees("the first update is done", lambda view: view["standing"] == "well", UPDATE_S)
    tray.pauses()
    feeds.faults |= dict.fromkeys(ALL, "400")
    tray.updates(RunState.FAILURE)
    tray.notifies("The last update failed")
    for counted in range(AT_ONCE, 7 * AT_ONCE + 1, AT_ONCE):
        tray.records(AT_ONCE)
        tray.counts(counted)
    tray.updates(RunState.FAILURE)
    tray.counts(99)
    tray.notifies("The last update failed")

    clock.jumps(timedelta(minutes=61))
    *_, reason = tray.notifies("The last update failed", "The last update failed")
    assert "99 times since the last notification" in reason
    tray.updates(RunState.FAILURE)
    tray.counts(1)

    feeds.faults.clear()
    tray.updates(RunState.SUCCESS)
    tray.notifies("The last update failed", "The last update failed", "The update works again")
    tray.updates(RunState.SUCCESS)
    tray.sees("only the schedule is paused", lambda view: view["standing"] == "paused")
    tray.notifies("The last update failed", "The last update failed", "The update works again")
    tray.quits()
