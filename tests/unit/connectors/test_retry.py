from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import urllib3

from backend.connectors.retry import LONGEST_PAUSE, RETRIED, Fault, RateLimit, refused, retry_on_fault, translate_errors
from backend.contract.errors import SourceError, SourceRefused

NOW = datetime(2024, 1, 31, tzinfo=UTC)


def pauses(fault: Fault, tries: int, jitter: float = 1.0) -> list[float]:
    slept: list[float] = []

    def once() -> None:
        raise fault

    with pytest.raises(Fault):
        retry_on_fault(tries, slept.append, lambda: jitter)(once)
    return slept


def retry_after_of(**headers: str) -> float | None:
    error = refused("X", "example.com", 429, {name.replace("_", "-"): text for name, text in headers.items()}, RETRIED)
    assert isinstance(error, Fault)
    return error.retry_after


def test_pauses_double_up_to_a_minute() -> None:
    assert pauses(Fault("no"), tries=9) == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_takes_away_up_to_half() -> None:
    assert pauses(Fault("no"), tries=4, jitter=0.0) == [0.5, 1, 2]


def test_gives_up_earlier_on_a_service_that_is_silent() -> None:
    assert len(pauses(Fault("silence", cost=2), tries=5)) == 2


def test_obeys_retry_after_up_to_a_cap() -> None:
    assert pauses(Fault("later", retry_after=7), tries=2, jitter=0.0) == [7]
    assert pauses(Fault("much later", retry_after=86_400), tries=2) == [LONGEST_PAUSE]


def test_retry_after_may_be_seconds_or_a_date() -> None:
    later = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    assert retry_after_of(Retry_After="17") == 17
    assert retry_after_of(Retry_After=later, Date=format_datetime(NOW, usegmt=True)) == 90
    assert retry_after_of(Retry_After=later) == 0, "a date that is past by our clock"


@pytest.mark.parametrize("text", ["soon", "-1", "", "Wed, 31 Jan 2024 00:00:00 -0000"])
def test_a_retry_after_that_makes_no_sense_is_ignored(text: str) -> None:
    assert retry_after_of(Retry_After=text, Date=format_datetime(NOW, usegmt=True)) in (None, 0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 599])
def test_other_refusals_are_final_and_tell_the_services_reason(status: int) -> None:
    error = refused("NVD", "example.com", status, {"message": "Invalid\0 apiKey."}, RETRIED)
    assert isinstance(error, SourceRefused)
    assert error.title == "NVD refused the request"
    assert str(status) in error.message
    assert "Invalid\ufffd apiKey." in error.message
    assert error.hint


def test_a_certificate_that_is_not_good_is_final_and_told() -> None:
    bad = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    with (
        pytest.raises(SourceError, match=r"The certificate of example\.com .*: .*self-signed") as caught,
        translate_errors("NVD", "example.com"),
    ):
        raise requests.exceptions.SSLError(urllib3.exceptions.SSLError(bad))
    assert "clock" in caught.value.hint
    assert "OPENTHREAT_CA_FILE" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")),
        requests.ConnectionError(urllib3.exceptions.ProtocolError("Aborted", ConnectionResetError(104, "reset"))),
        requests.exceptions.ChunkedEncodingError("x"),
        urllib3.exceptions.ProtocolError("x"),
    ],
)
def test_what_breaks_on_the_way_may_pass(error: Exception) -> None:
    with pytest.raises(Fault, match=r"The connection to example\.com broke\."), translate_errors("NVD", "example.com"):
        raise error


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
