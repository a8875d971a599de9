from __future__ import annotations

from backend.connectors.retry import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def sent_at(limit: RateLimit, clock: Clock, requests: int) -> list[float]:
    moments = []
    for _ in range(requests):
        limit.wait(clock.sleep)
        moments.append(clock.now - 1000)
    return moments


def test_no_more_than_so_many_requests_in_any_window() -> None:
    clock = Clock()
    assert sent_at(RateLimit(5, 30, clock=clock), clock, 11) == [0] * 5 + [30] * 5 + [60]


def test_the_window_rolls() -> None:
    clock = Clock()
    limit = RateLimit(2, 30, clock=clock)
    limit.wait(clock.sleep)
    clock.now += 20
    assert sent_at(limit, clock, 3) == [20, 30, 50]


def test_keeps_a_distance_between_two_requests() -> None:
    clock = Clock()
    assert sent_at(RateLimit(50, 30, delay=6, clock=clock), clock, 4) == [0, 6, 12, 18]


def test_a_sleep_that_returns_early_is_repeated() -> None:
    clock = Clock()
    limit = RateLimit(1, 30, clock=clock)
    limit.wait(clock.sleep)
    limit.wait(lambda seconds: clock.sleep(seconds / 2 + 1))
    assert clock.now >= 1030
