"""When updates wait for the network: a replayed clock, and a network that the test switches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.worker.beat.resume_from_sleep import NETWORK_TIMEOUT_S, SLEEP_GAP, ResumeFromSleep

START = datetime(2026, 6, 1, 8, tzinfo=UTC)


class Morning:
    """Rounds a second apart, in which an update is due."""

    def __init__(self) -> None:
        self.up, self.checks = True, 0
        self.now, self.monotonic = START, 0.0
        self.resume = ResumeFromSleep(self.network)

    def network(self) -> bool:
        self.checks += 1
        return self.up

    def round(self, wall: timedelta = timedelta(seconds=1)) -> bool:
        """Return whether the update waits."""
        self.now += wall
        self.monotonic += 1
        self.resume.observe(self.now, self.monotonic)
        return self.resume.must_wait(self.monotonic)


@pytest.fixture
def morning() -> Morning:
    """The machine has been awake for a while, and the network is down."""
    morning = Morning()
    for _ in range(5):
        morning.round()
    morning.up, morning.checks = False, 0
    return morning


def test_nothing_waits_while_the_machine_is_awake(morning: Morning) -> None:
    assert not any(morning.round() for _ in range(300))
    assert morning.checks == 0, "a network that is away is told by the update itself"


def test_waits_after_sleep_until_the_network_is_up(morning: Morning) -> None:
    assert morning.round(timedelta(hours=5))
    assert morning.round()
    morning.up = True
    assert not morning.round()
    morning.up = False
    assert not morning.round(), "it was up: what happens now is for the update to tell"


def test_waits_two_minutes_at_most(morning: Morning) -> None:
    waited = [morning.round(timedelta(hours=5)), *(morning.round() for _ in range(300))]
    assert sum(waited) == NETWORK_TIMEOUT_S


def test_waits_anew_after_each_sleep(morning: Morning) -> None:
    morning.up = True
    assert not morning.round(timedelta(hours=5))
    morning.up = False
    assert morning.round(timedelta(hours=5))


def test_waits_at_the_start_of_the_program_too() -> None:
    morning = Morning()
    morning.up = False
    assert morning.round()


@pytest.mark.parametrize("wall", [timedelta(hours=-2), timedelta(seconds=-1), timedelta(0), SLEEP_GAP])
def test_a_clock_that_is_corrected_or_set_back_is_no_sleep(morning: Morning, wall: timedelta) -> None:
    assert not morning.round(wall)
    assert not morning.round()


def test_a_clock_that_is_set_forward_costs_one_look(morning: Morning) -> None:
    morning.up = True
    assert not morning.round(timedelta(hours=5))
    assert morning.checks == 1
