"""Access control in front of an empty application."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from backend.api.access import MAX_ADDRESS, AccessMiddleware, check_exposure
from backend.config import Settings
from backend.contract.access import AccessRole, Actor
from backend.contract.errors import ConfigurationError, ErrorBody, StoreUnavailable
from backend.contract.names import FEED_PATH
from backend.contract.problem_catalogue import ProblemId
from backend.services.access.grants import Grant
from backend.system.caller import Caller
from backend.system.ports import is_loopback
from tests.fakes.caller import from_caller

TOKEN = "a-long-random-text"
STORED, AWAY = "of-the-database", "asked-while-it-is-away"


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MADE-UP"]
LIVE = "/api/v1/live"


def client(caller: Caller = Caller.OWNER, **settings: object) -> TestClient:
    inner = FastAPI()
    for path in ("/", LIVE, FEED_PATH):
        inner.api_route(path, methods=METHODS)(lambda: {"in": True})
    gate = AccessMiddleware(inner, Settings(**settings), stored_token)
    return TestClient(from_caller(gate, caller), base_url="http://127.0.0.1:8001")


def stored_token(token: str, address: str) -> Grant | None:
    if token == AWAY:
        raise StoreUnavailable("The database is away")
    return Grant(AccessRole.READ, Actor(user=f"of {address}")) if token == STORED else None


def status(headers: dict[str, str], **settings: object) -> int:
    answer = client(**settings).get("/", headers=headers)
    if answer.status_code != 200:
        assert ErrorBody.model_validate(answer.json()).detail
    assert "access-control-allow-origin" not in answer.headers
    return answer.status_code


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


def test_only_the_feed_takes_the_token_from_its_address() -> None:
    """Feed readers cannot send headers."""
    reader = client(api_token=SecretStr("gehéim & long"))
    assert reader.get(FEED_PATH, params={"token": "gehéim & long"}).status_code == 200
    assert reader.get(FEED_PATH, params={"token": "gehéim"}).status_code == 401
    assert reader.get(FEED_PATH).status_code == 401
    assert reader.post(FEED_PATH, params={"token": "gehéim & long"}).status_code == 401
    assert reader.get("/", params={"token": "gehéim & long"}).status_code == 401


def test_a_token_in_a_header_may_have_any_letters() -> None:
    headers = {"Authorization": "Bearer gehéim".encode()}
    assert client(api_token=SecretStr("gehéim")).get("/", headers=headers).status_code == 200


def test_a_token_is_demanded_on_loopback_too_once_it_is_set() -> None:
    assert status({}, api_token=SecretStr(TOKEN)) == 401
    assert status({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example:8001"}, api_token=SecretStr(TOKEN)) == 403


def test_a_token_does_not_open_the_gate_to_web_pages() -> None:
    headers = {"Host": "threats.example:8001", "Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}
    assert status(headers, api_host="0.0.0.0", api_token=SecretStr(TOKEN)) == 403


@pytest.mark.parametrize("method", METHODS)
def test_the_owner_may_use_every_method(method: str) -> None:
    assert client().request(method, "/").status_code == 200


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("caller", [Caller.OTHER, Caller.UNKNOWN])
def test_other_users_may_use_none(caller: Caller, method: str) -> None:
    assert client(caller).request(method, "/").status_code == 403


@pytest.mark.parametrize("caller", [Caller.OTHER, Caller.UNKNOWN])
def test_other_users_may_only_ask_whose_api_it_is(caller: Caller) -> None:
    assert client(caller).get(LIVE).status_code == 200
    assert {client(caller).request(method, LIVE).status_code for method in METHODS[1:]} == {403}
    assert client(caller).get(f"{LIVE}/").status_code == 403
    assert client(caller).get(LIVE, headers={"Host": "evil.example:8001"}).status_code == 403


def test_another_user_learns_why_and_what_to_do() -> None:
    error = ErrorBody.model_validate(client(Caller.OTHER).get("/").json()).error
    assert error.problem.id is ProblemId.API_OF_ANOTHER
    assert "openthreat up" in error.hint
    assert "OPENTHREAT_API_TOKEN" in error.hint


def test_a_server_that_does_not_say_who_is_connected_answers_nobody() -> None:
    inner = FastAPI()
    inner.get("/")(lambda: {"in": True})
    gate = TestClient(AccessMiddleware(inner, Settings(), stored_token), base_url="http://127.0.0.1:8001")
    assert gate.get("/").status_code == 403


@pytest.mark.parametrize("caller", list(Caller))
def test_with_the_token_it_does_not_matter_whose_program_asks(caller: Caller) -> None:
    gate = client(caller, api_token=SecretStr(TOKEN))
    assert gate.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert gate.get("/").status_code == 401
    assert gate.get(LIVE).status_code == 401


@pytest.mark.parametrize("caller", list(Caller))
@pytest.mark.parametrize("settings", [{}, {"api_token": SecretStr(TOKEN)}])
def test_a_stored_token_is_taken_from_everybody(caller: Caller, settings: dict[str, object]) -> None:
    gate = client(caller, **settings)
    assert gate.get("/", headers={"Authorization": f"Bearer {STORED}"}).status_code == 200
    assert gate.get("/", headers={"Authorization": f"Bearer {STORED}x"}).status_code == 401


def test_tokens_that_cannot_be_checked_are_not_called_wrong() -> None:
    assert client().get("/", headers={"Authorization": f"Bearer {AWAY}"}).status_code == 503


def test_a_refusal_is_logged_with_its_sender_and_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    client(Caller.OTHER).get("/?token=secret-of-a-query", headers={"Authorization": "Bearer secret-of-a-header"})
    client(Caller.OTHER).get("/")
    assert [record.getMessage() for record in caplog.records] == [
        "GET / from testclient refused: Token missing or wrong",
        "GET / from testclient refused: This OpenThreat belongs to another user",
    ]


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
