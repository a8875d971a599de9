"""The check of a key for NVD's API, against the fake service."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.config import Settings
from backend.connectors.nvd.api import REQUESTS
from backend.connectors.nvd.key import NvdKeyCheck
from tests.fakes.feed_server import FeedServer
from tests.servers import free_port

KEY = "0f0e0d0c-planted-key-0001"


@pytest.fixture
def nvd() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def keys(nvd: FeedServer, home: Path) -> NvdKeyCheck:
    return NvdKeyCheck(Settings(home=home, nvd_url=nvd.url))


def test_a_good_key_is_accepted_by_one_small_request(nvd: FeedServer, keys: NvdKeyCheck) -> None:
    verdict = keys.check(SecretStr(f" {KEY}\n"))
    assert (verdict.accepted, verdict.message) == (True, "NVD accepts this key.")
    (request,) = nvd.requests
    assert request.query == {"resultsPerPage": "1", "startIndex": "0"}
    assert {name.lower(): value for name, value in request.headers.items()}["apikey"] == KEY


def test_a_wrong_key_is_told_as_one(nvd: FeedServer, home: Path) -> None:
    nvd.faults["nvd"] = "404"
    nvd.fault_headers = {"message": "Invalid apiKey."}
    verdict = NvdKeyCheck(Settings(home=home, nvd_url=nvd.url)).check(SecretStr(KEY))
    assert verdict.accepted is False
    assert "does not accept" in verdict.message
    assert len(nvd.requests) == 1


@pytest.mark.parametrize(
    "key", ["short", "with blank in it", "schlüssel-schlüssel", "key\r\nHost: elsewhere", "x" * 150]
)
def test_what_cannot_be_a_key_is_not_sent(nvd: FeedServer, keys: NvdKeyCheck, key: str) -> None:
    assert keys.check(SecretStr(key)).accepted is False
    assert nvd.requests == []


@pytest.mark.parametrize("fault", ["503", "403", "404", "down", "garbage"])
def test_a_service_that_says_nothing_of_the_key_leaves_the_question_open(
    nvd: FeedServer, keys: NvdKeyCheck, fault: str
) -> None:
    nvd.faults["nvd"] = fault
    verdict = keys.check(SecretStr(KEY))
    assert verdict.accepted is None
    assert verdict.message.startswith("The key was not checked. ")
    assert len(nvd.requests) == 1


@pytest.mark.parametrize("base", ["http://127.0.0.1:{port}", "not an address"])
def test_a_service_that_is_away_leaves_the_question_open(home: Path, base: str) -> None:
    keys = NvdKeyCheck(Settings(home=home, nvd_url=base.format(port=free_port())))
    assert keys.check(SecretStr(KEY)).accepted is None


def test_nvds_limit_is_kept_and_nobody_waits_for_it(nvd: FeedServer, keys: NvdKeyCheck) -> None:
    verdicts = [keys.check(SecretStr(KEY)) for _ in range(REQUESTS + 1)]
    assert [verdict.accepted for verdict in verdicts] == [True] * REQUESTS + [None]
    assert "allows the next request in" in verdicts[-1].message
    assert len(nvd.requests) == REQUESTS


def test_the_key_stands_in_no_log_and_in_no_answer(
    nvd: FeedServer, keys: NvdKeyCheck, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in ("", "503", "404"):
        nvd.faults["nvd"] = fault
        assert KEY not in keys.check(SecretStr(KEY)).model_dump_json()
    assert KEY not in caplog.text
