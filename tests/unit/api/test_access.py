"""Access control in front of an empty application."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from backend.api.access import MAX_ADDRESS, AccessMiddleware, check_exposure
from backend.config import Settings
from backend.contract.errors import ConfigurationError, ErrorBody
from backend.system.peer_owner import Endpoint, PeerOwner
from backend.system.ports import is_loopback

TOKEN = "a-long-random-text"


def client(**settings: object) -> TestClient:
    inner = FastAPI()
    inner.get("/")(lambda: {"in": True})
    return TestClient(AccessMiddleware(inner, Settings(**settings)), base_url="http://127.0.0.1:8001")


def status(headers: dict[str, str], **settings: object) -> int:
    answer = client(**settings).get("/", headers=headers)
    if answer.status_code != 200:
        assert ErrorBody.model_validate(answer.json()).detail
    assert "access-control-allow-origin" not in answer.headers
    return answer.status_code


@pytest.mark.parametrize(
    ("owner", "settings", "expected"),
    [
        (PeerOwner.OWN, {}, 200),
        (PeerOwner.UNKNOWN, {}, 200),
        (PeerOwner.OTHER, {}, 403),
        (PeerOwner.OTHER, {"api_token": SecretStr(TOKEN)}, 200),
    ],
)
def test_a_process_of_another_user_needs_the_token(
    owner: PeerOwner, settings: dict[str, object], expected: int
) -> None:
    asked: list[tuple[Endpoint, Endpoint]] = []

    def owner_of(peer: Endpoint, own: Endpoint) -> PeerOwner:
        asked.append((peer, own))
        return owner

    inner = FastAPI()
    inner.get("/")(lambda: {"in": True})
    app = AccessMiddleware(inner, Settings(**settings), owner_of)
    visitor = TestClient(app, base_url="http://127.0.0.1:8001", client=("127.0.0.1", 50000))
    answer = visitor.get("/", headers={"Authorization": f"Bearer {TOKEN}"} if settings else {})
    assert answer.status_code == expected
    assert asked == ([] if settings else [(("127.0.0.1", 50000), ("127.0.0.1", 8001))])


def test_another_machine_has_no_user_of_this_one() -> None:
    def never(_peer: Endpoint, _own: Endpoint) -> PeerOwner:
        raise AssertionError

    app = AccessMiddleware(FastAPI(), Settings(), never)
    assert TestClient(app, base_url="http://127.0.0.1:8001", client=("192.0.2.7", 5)).get("/").status_code == 404


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "localhost:8001", "[::1]:8001", "LocalHost:8001"])
def test_loopback_names_with_our_port_get_in(host: str) -> None:
    assert status({"Host": host}) == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost:8002",
        "evil.example",
        "evil.example:8001",
        "127.0.0.1.evil.example:8001",
        "localhost:8001.evil.example",
        "127.0.0.1:8001@evil.example",
        "0.0.0.0:8001",
        "[::]:8001",
        "127.0.0.1:08001",
    ],
)
def test_other_host_names_do_not(host: str) -> None:
    assert status({"Host": host}) == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:3000", "https://127.0.0.1:8001", "http://localhost:8001"],
)
def test_foreign_origins_do_not(origin: str) -> None:
    assert status({"Origin": origin}) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_requests_that_a_foreign_page_caused_do_not(site: str) -> None:
    assert status({"Sec-Fetch-Site": site}) == 403


def test_our_own_page_and_the_address_bar_get_in() -> None:
    assert status({"Origin": "http://127.0.0.1:8001", "Sec-Fetch-Site": "same-origin"}) == 200
    assert status({"Sec-Fetch-Site": "none"}) == 200


def test_long_addresses_are_refused() -> None:
    assert client().get("/?search=" + "x" * MAX_ADDRESS).status_code == 414


def test_a_public_address_without_a_token_is_no_configuration() -> None:
    with pytest.raises(ConfigurationError, match="token"):
        check_exposure(Settings(api_host="0.0.0.0"))
    check_exposure(Settings(api_host="0.0.0.0", api_token=TOKEN))


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN} ", 200),
        ("", 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
    ],
)
def test_a_public_address_demands_its_token_and_takes_any_host(authorization: str, expected: int) -> None:
    headers = {"Host": "threats.example:8001", "Authorization": authorization}
    assert status(headers, api_host="0.0.0.0", api_token=SecretStr(TOKEN)) == expected


def test_a_token_is_demanded_on_loopback_too_once_it_is_set() -> None:
    assert status({}, api_token=SecretStr(TOKEN)) == 401
    assert status({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example:8001"}, api_token=SecretStr(TOKEN)) == 403


def test_a_token_does_not_open_the_gate_to_web_pages() -> None:
    headers = {"Host": "threats.example:8001", "Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}
    assert status(headers, api_host="0.0.0.0", api_token=SecretStr(TOKEN)) == 403


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("pc.example", False),
    ],
)
def test_what_counts_as_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
