"""Tokens and roles: what each route needs, what a token permits, and what is known of its use."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from backend.api import docs
from backend.api.app import create_app
from backend.api.roles import RoleRoute, Router, needs
from backend.config import Settings
from backend.contract.access import AccessRole
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.store.repositories.access_tokens import AccessTokenRepository
from backend.system.machine import host_name, user_name
from tests.contract.api.conftest import Stage

WITHOUT_ROLE = {docs.OPENAPI, docs.FILES}
"""The document and the scripts of the page at /docs: any token will do."""
ENDPOINTS = {
    AccessRole.READ: ("GET", "/machines"),
    AccessRole.TRIAGE: ("PUT", "/machines/pc/inventory"),
    AccessRole.ADMINISTER: ("POST", "/tasks/test"),
}


def make_token(stage: Stage, role: AccessRole, name: str = "") -> str:
    created = stage.request("POST", "/tokens", 201, json={"name": name or f"a {role} client", "role": role})
    return str(created["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def routes_of(database: Database, home: Path) -> Iterator[BaseRoute]:
    app = create_app(Settings(home=home), database, TaskQueue(database, lambda *_: None))
    for context in iter_route_contexts(app.routes):
        yield context.original_route


def test_every_route_declares_the_role_that_it_needs(stage: Stage) -> None:
    routes = list(routes_of(stage.database, stage.settings.home))
    declared = [route for route in routes if isinstance(route, RoleRoute)]
    others = {getattr(route, "path", "") for route in routes if not isinstance(route, RoleRoute)}
    assert others == WITHOUT_ROLE
    assert {route.role for route in declared} == set(AccessRole)
    assert len(declared) > 50


def test_what_changes_something_needs_more_than_a_reader(stage: Stage) -> None:
    reading = {"/match", "/{cve_id}/epss"}  # POST requests that only read
    routes = list(_api_routes(routes_of(stage.database, stage.settings.home)))
    changing = [route for route in routes if route.methods != {"GET"} and not route.path.endswith(tuple(reading))]
    assert [route.path for route in changing if route.role is AccessRole.READ] == []
    unchanging = [route for route in routes if route not in changing]
    assert {route.path for route in unchanging if route.role is not AccessRole.READ} == {"/tokens"}


def _api_routes(routes: Iterable[BaseRoute]) -> Iterator[RoleRoute]:
    return (route for route in routes if isinstance(route, RoleRoute))


def test_a_route_without_a_role_cannot_be_added() -> None:
    routes = Router()
    with pytest.raises(TypeError, match="/unguarded does not declare"):
        routes.get("/unguarded")(lambda: None)
    routes.get("/guarded")(needs(AccessRole.READ)(lambda: None))
    assert [route.path for route in routes.routes if isinstance(route, APIRoute)] == ["/guarded"]


@pytest.mark.parametrize("role", list(AccessRole))
def test_a_token_permits_its_role_and_those_below(stage: Stage, role: AccessRole) -> None:
    headers = bearer(make_token(stage, role))
    for needed, (method, path) in ENDPOINTS.items():
        answer = stage.client.request(method, f"/api/v1{path}", headers=headers, json={} if method == "PUT" else None)
        assert (answer.status_code == 403) == (not role.includes(needed)), (role, needed, answer.text)
        assert answer.status_code in (200, 202, 403)


def test_a_reader_who_writes_is_refused_before_the_body_is_read(stage: Stage) -> None:
    headers = bearer(make_token(stage, AccessRole.READ))
    answer = stage.client.put("/api/v1/watchlist", headers=headers, content=b"no json")
    assert answer.status_code == 403
    error = answer.json()["error"]
    assert error["message"] == "This token has the role “read”; this request needs “triage”."
    assert "openthreat token create" in error["hint"]


def test_the_refused_role_is_logged_without_the_token(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    token = make_token(stage, AccessRole.READ, "dashboard")
    stage.client.delete("/api/v1/machines/pc", headers=bearer(token))
    assert token not in caplog.text
    assert "DELETE /api/v1/machines/pc from testclient refused: the role of “dashboard” is read" in caplog.text


def test_the_text_of_a_token_is_shown_once_and_not_stored(stage: Stage) -> None:
    token = make_token(stage, AccessRole.READ)
    assert token not in stage.client.get("/api/v1/tokens").text
    with stage.database.reading() as connection:
        (stored,) = AccessTokenRepository(connection).all()
    assert token.encode() not in stored.digest
    assert token.removeprefix("openthreat_") not in repr(stored)


def test_tokens_are_listed_with_who_made_them(stage: Stage) -> None:
    make_token(stage, AccessRole.TRIAGE, "  Anna's script ")
    (listed,) = stage.get("/tokens")["items"]
    assert listed == {
        "id": listed["id"],
        "name": "Anna's script",
        "role": "triage",
        "created_at": "2026-03-01T12:00:00Z",
        "created_by": {"user": user_name(), "machine": host_name()},
        "last_used_at": None,
        "last_used_from": "",
    }


def test_the_last_use_is_told_with_its_address(stage: Stage) -> None:
    headers = bearer(make_token(stage, AccessRole.READ))
    stage.now += timedelta(hours=1)
    stage.get("/machines", headers=None)
    assert stage.client.get("/api/v1/machines", headers=headers).status_code == 200
    until = time.monotonic() + 10
    while (used := stage.get("/tokens")["items"][0])["last_used_at"] is None and time.monotonic() < until:
        time.sleep(0.05)
    assert used["last_used_at"] == "2026-03-01T13:00:00Z"
    assert used["last_used_from"] == "testclient"


def test_a_revoked_token_is_refused_at_once(stage: Stage) -> None:
    headers = bearer(make_token(stage, AccessRole.ADMINISTER))
    number = stage.get("/tokens")["items"][0]["id"]
    assert stage.client.delete(f"/api/v1/tokens/{number}", headers=headers).status_code == 204
    refused = stage.client.get("/api/v1/machines", headers=headers)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert stage.get("/tokens")["items"] == []
    stage.request("DELETE", f"/tokens/{number}", 404)


@pytest.mark.parametrize("text", ["x", "openthreat_", "openthreat_" + "A" * 43, "openthreat_" + "é" * 43])
def test_other_texts_are_no_tokens(stage: Stage, text: str) -> None:
    make_token(stage, AccessRole.READ)
    headers = [(b"Authorization", f"Bearer {text}".encode("latin-1"))]
    assert stage.client.get("/api/v1/machines", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "read"},
        {"name": "  ", "role": "read"},
        {"name": "x" * 101, "role": "read"},
        {"name": "x", "role": "owner"},
        {"name": "x"},
    ],
)
def test_a_token_needs_a_name_and_a_known_role(stage: Stage, body: dict[str, str]) -> None:
    stage.request("POST", "/tokens", 422, json=body)
    assert stage.get("/tokens")["items"] == []


def test_two_tokens_have_two_names(stage: Stage) -> None:
    make_token(stage, AccessRole.READ, "one")
    error = stage.request("POST", "/tokens", 409, json={"name": "one", "role": "triage"})["error"]
    assert error["title"] == "This name is taken"


def test_only_administrators_see_and_make_tokens(stage: Stage) -> None:
    headers = bearer(make_token(stage, AccessRole.TRIAGE))
    assert stage.client.get("/api/v1/tokens", headers=headers).status_code == 403
    made = stage.client.post("/api/v1/tokens", headers=headers, json={"name": "x", "role": "administer"})
    assert made.status_code == 403
