"""When this PC is scanned, what reaches the API, and which message is shown when that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from backend.client.inventory.entries import Skipped, SkipReason
from backend.client.transport import ApiSilent
from backend.contract.exposure import InventoryStored
from backend.contract.inventory import Inventory, SoftwareEntry
from desktop.inventory.collect import MACHINE_PROGRAMS, USER_PROGRAMS, Collected
from desktop.inventory.scan_status import ScanStatus
from desktop.inventory.scanner import DAILY, LOOK_S, InstallationScanner
from tests.servers import wait_until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Inventory(software=(SoftwareEntry(name="Firefox", version="115.0"),))


class Stage:
    """A PC and its API. Each step of the scanner happens in the calling thread."""

    def __init__(self, unavailable: str = "") -> None:
        self.now, self.allowed, self.silent = NOON, True, False
        self.collected = Collected(HERE)
        self.denied: OSError | None = None
        self.while_collecting: Callable[[], object] = lambda: None
        self.sent: list[tuple[str, Inventory]] = []
        self.reported: list[ScanStatus] = []
        self.scanner = InstallationScanner(
            self._collect,
            lambda: "pc-1",
            self,
            lambda: self.allowed,
            self.reported.append,
            lambda: self.now,
            unavailable,
        )

    def put_inventory(self, machine_id: str, inventory: Inventory) -> InventoryStored:
        if self.silent:
            raise ApiSilent("no answer in time")
        self.sent.append((machine_id, inventory))
        return InventoryStored(machine=machine_id, programs=1, added=0, removed=0, duplicates=0)

    def pass_time(self, passed: timedelta) -> float:
        self.now += passed
        return self.scanner.step()

    @property
    def status(self) -> ScanStatus:
        return self.reported[-1]

    def _collect(self) -> Collected:
        self.while_collecting()
        if self.denied is not None:
            raise self.denied
        return self.collected


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_first_scan_is_at_once_and_the_next_one_after_a_day(stage: Stage) -> None:
    assert stage.scanner.step() == LOOK_S
    assert stage.sent == [("pc-1", HERE)]
    assert (stage.status.scanned_at, stage.status.machine, stage.status.problem) == (NOON, "pc-1", None)
    stage.pass_time(DAILY - timedelta(seconds=1))
    assert len(stage.sent) == 1
    stage.pass_time(timedelta(seconds=1))
    assert len(stage.sent) == 2


def test_it_says_that_it_scans_while_it_does(stage: Stage) -> None:
    stage.scanner.step()
    assert [status.is_scanning for status in stage.reported] == [True, False]


def test_it_waits_until_the_user_and_the_api_allow_it(stage: Stage) -> None:
    stage.allowed = False
    assert stage.scanner.step() == LOOK_S
    assert stage.reported == []
    stage.allowed = True
    stage.scanner.step()
    assert len(stage.sent) == 1


def test_what_was_installed_or_asked_for_is_scanned_at_once(stage: Stage) -> None:
    stage.scanner.step()
    stage.scanner.scan_soon()
    stage.scanner.step()
    assert len(stage.sent) == 2


def test_what_is_installed_during_a_scan_asks_for_another_one(stage: Stage) -> None:
    stage.while_collecting = stage.scanner.scan_soon
    stage.scanner.step()
    stage.while_collecting = lambda: None
    stage.scanner.step()
    stage.scanner.step()
    assert len(stage.sent) == 2


def test_a_machine_that_slept_for_days_is_scanned_once(stage: Stage) -> None:
    stage.scanner.step()
    for passed in (timedelta(days=5), timedelta(0), timedelta(hours=1)):
        stage.pass_time(passed)
    assert len(stage.sent) == 2


def test_a_clock_that_was_set_back_does_not_keep_the_scan_away(stage: Stage) -> None:
    stage.scanner.step()
    stage.pass_time(-timedelta(days=30))
    assert len(stage.sent) == 2


def test_an_api_that_does_not_answer_is_said_and_tried_again(stage: Stage) -> None:
    stage.silent = True
    waits = [stage.scanner.step()]
    assert stage.status.problem is not None
    assert (stage.status.is_scanning, stage.status.scanned_at) == (False, None)
    waits += [stage.pass_time(timedelta(seconds=wait)) for wait in (30, 60)]
    assert waits == [30.0, 60.0, LOOK_S]
    stage.silent = False
    stage.pass_time(timedelta(minutes=2))
    assert len(stage.sent) == 1
    assert stage.reported[-1].problem is None


def test_an_api_that_does_not_answer_for_weeks_is_still_tried(stage: Stage) -> None:
    stage.silent = True
    for _ in range(3000):
        stage.pass_time(timedelta(minutes=10))
    stage.silent = False
    stage.pass_time(timedelta(minutes=10))
    assert len(stage.sent) == 1


def test_a_failure_keeps_what_the_last_scan_found(stage: Stage) -> None:
    stage.collected = Collected(HERE, skip_counts={SkipReason.HIDDEN: 3})
    stage.scanner.step()
    stage.denied = PermissionError("access is denied")
    stage.pass_time(DAILY)
    assert (stage.status.scanned_at, stage.status.skip_counts) == (NOON, {SkipReason.HIDDEN: 3})
    assert stage.status.problem is not None
    assert "access is denied" in stage.status.problem.text("message", lambda text: text, {})


def test_denied_entries_are_said_and_the_rest_is_sent(stage: Stage) -> None:
    skipped = (Skipped(str(USER_PROGRAMS), "", SkipReason.DENIED),)
    stage.collected = Collected(HERE, skipped=skipped, skip_counts={SkipReason.DENIED: 1})
    stage.scanner.step()
    assert len(stage.sent) == 1
    assert (stage.status.skipped, stage.status.skip_counts) == (skipped, {SkipReason.DENIED: 1})


@pytest.mark.parametrize("root", MACHINE_PROGRAMS)
def test_a_list_of_programs_that_cannot_be_opened_removes_none(stage: Stage, root: object) -> None:
    stage.collected = Collected(Inventory(), skipped=(Skipped(str(root), "", SkipReason.DENIED),))
    stage.scanner.step()
    assert stage.sent == []
    assert stage.status.problem is not None


def test_where_nothing_can_be_collected_that_is_said_and_nothing_is_tried() -> None:
    stage = Stage(unavailable="Windows only.")
    stage.scanner.start()
    wait_until(lambda: bool(stage.reported), "the status is reported")
    assert (stage.status.unavailable, stage.status.machine) == ("Windows only.", "pc-1")
    wait_until(lambda: "installation scanner" not in {thread.name for thread in threading.enumerate()}, "it has ended")
    assert stage.sent == []


def test_the_thread_scans_when_it_is_woken_and_ends_when_it_is_stopped(stage: Stage) -> None:
    stage.allowed = False
    stage.scanner.start()
    wait_until(lambda: bool(stage.reported), "it has begun")
    stage.allowed = True
    stage.scanner.wake()
    wait_until(lambda: len(stage.sent) == 1, "it scans")
    stage.scanner.stop()
    wait_until(lambda: "installation scanner" not in {thread.name for thread in threading.enumerate()}, "it has ended")
