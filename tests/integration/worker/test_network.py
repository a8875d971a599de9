"""The check of the network: real ports on this machine, and the proxies of the environment."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.config import Settings
from backend.connectors.addresses import any_reachable, endpoints
from backend.contract.names import Source
from backend.contract.settings import UserSettings
from backend.worker.beat.resume_from_sleep import NetworkProbe
from tests.servers import free_port

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listening() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[:2]


def test_the_doors_are_those_of_the_sources(home: Path) -> None:
    assert set(endpoints(Settings(home=home))) == {
        ("www.cisa.gov", 443),
        ("epss.empiricalsecurity.com", 443),
        ("raw.githubusercontent.com", 443),
        ("nvd.nist.gov", 443),
        ("euvdservices.enisa.europa.eu", 443),
    }


def test_base_addresses_and_switched_off_sources_count(home: Path) -> None:
    off = UserSettings.model_validate({"sources": {source: source is Source.CISA for source in Source}})
    settings = Settings(home=home, user=off)
    assert endpoints(settings) == (("www.cisa.gov", 443),)
    assert endpoints(settings.model_copy(update={"cisa_url": "http://mirror.example:8080/kev"})) == (
        ("mirror.example", 8080),
    )
    assert endpoints(settings.model_copy(update={"cisa_url": "http://[broken"})) == ()


@pytest.mark.parametrize("proxy", ["http://user:word@proxy.example:3128", "proxy.example:3128"])
def test_behind_a_proxy_its_door_is_the_one(home: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    assert endpoints(Settings(home=home)) == (("proxy.example", 3128),)
    monkeypatch.setenv("no_proxy", "cisa.gov")
    assert set(endpoints(Settings(home=home))) == {("www.cisa.gov", 443), ("proxy.example", 3128)}


def test_addresses_of_this_machine_are_never_asked_by_proxy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert ("127.0.0.1", 9) in endpoints(Settings(home=home, cisa_url="http://127.0.0.1:9"))


def test_one_open_door_is_enough(listening: tuple[str, int]) -> None:
    closed = ("127.0.0.1", free_port())
    assert any_reachable([closed, listening])
    assert not any_reachable([closed, ("." * 70, 443)])
    assert not any_reachable([])


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nobody_waits_for_a_look_that_hangs() -> None:
    released, looks = threading.Event(), []

    def hang() -> bool:
        looks.append(1)
        return released.wait(10)

    network = NetworkProbe(hang)
    assert not any(network() for _ in range(20))
    assert looks == [1], "one look at a time"
    released.set()
    until(network)


def test_looks_again_as_long_as_the_network_is_down() -> None:
    answers = iter([False, False, True])
    until(NetworkProbe(lambda: next(answers)))
    assert list(answers) == []
