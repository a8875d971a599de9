"""`openthreat token` as it is typed, against a running API."""

from __future__ import annotations

import json

import requests

from tests.integration.api.conftest import Command, RunningApi


def machines(api: RunningApi, token: str) -> requests.Response:
    address = f"{api.settings.api_base}/api/v1/machines"
    return requests.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_a_token_is_made_used_listed_and_revoked(api: RunningApi, openthreat: Command) -> None:
    assert openthreat("token", "list")[1].startswith("There is no token.")
    code, out, _ = openthreat("token", "create", "dashboard")
    token = out.splitlines()[0]
    assert code == 0
    assert token.startswith("openthreat_")
    assert "with the role read" in out
    assert machines(api, token).status_code == 200
    code, out, _ = openthreat("token", "list")
    assert (code, token in out) == (0, False)
    assert "dashboard" in out
    code, out, _ = openthreat("token", "revoke", "dashboard")
    assert (code, out.strip()) == (0, "Token “dashboard” is revoked.")
    assert machines(api, token).status_code == 401


def test_programs_get_the_token_as_json(api: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("--json", "token", "create", "robot", "--role", "triage")
    made = json.loads(out)
    assert (code, made["name"], made["role"]) == (0, "robot", "triage")
    code, out, _ = openthreat("--json", "token", "revoke", str(made["id"]))
    assert (code, json.loads(out)["id"]) == (0, made["id"])


def test_what_cannot_be_is_said(api: RunningApi, openthreat: Command) -> None:
    assert openthreat("token", "create", " ")[0] == 2
    assert openthreat("token", "create", "x", "--role", "owner")[0] == 2
    openthreat("token", "create", "x")
    code, _, err = openthreat("token", "create", "x")
    assert code == 2
    assert "This name is taken" in err
    code, _, err = openthreat("token", "revoke", "nobody")
    assert code == 1
    assert "No such token" in err
