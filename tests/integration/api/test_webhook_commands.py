"""`openthreat webhook` as it is typed, against a running API and a real receiver."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from tests.fakes.no_keyring import replace_keyring
from tests.fakes.receiver import Receiver
from tests.fakes.web import answers
from tests.integration.api.conftest import Command


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_keyring(monkeypatch)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.usefixtures("api")
def test_a_webhook_is_added_listed_tested_and_removed(receiver: Receiver, openthreat: Command) -> None:
    assert "There is no webhook" in openthreat("webhook", "list")[1]
    code, out, _ = openthreat("webhook", "add", "SIEM", receiver.address, "--event", "exploited")
    assert code == 0
    assert "“SIEM” receives what happens from now on." in out
    assert "whsec_" in out
    code, out, _ = openthreat("webhook", "list")
    assert receiver.base in out
    assert "s3cr3t" not in out
    assert openthreat("webhook", "test", "siem")[0] == 0
    assert receiver.received[0].json["test"] is True
    receiver.reply = answers(b"", "410 Gone")
    code, out, _ = openthreat("webhook", "test", "SIEM")
    assert (code, "410 Gone" in out) == (1, True)
    assert openthreat("webhook", "remove", "SIEM")[0] == 0
    assert json.loads(openthreat("--json", "webhook", "list")[1]) == {"items": []}


@pytest.mark.usefixtures("api")
def test_the_address_can_come_from_standard_input(
    receiver: Receiver, openthreat: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{receiver.address}\n"))
    code, out, _ = openthreat("webhook", "add", "Channel", "-", "--kind", "slack")
    assert code == 0
    assert "whsec_" not in out
    assert openthreat("webhook", "test", "Channel")[0] == 0
    assert "This is a test." in receiver.received[0].json["blocks"][0]["text"]["text"]


@pytest.mark.usefixtures("api")
def test_a_webhook_is_changed_and_what_is_not_given_stays(receiver: Receiver, openthreat: Command) -> None:
    openthreat("webhook", "add", "SIEM", receiver.address, "--event", "exploited")
    code, out, _ = openthreat("webhook", "change", "siem", "--name", "Chat", "--kind", "slack", "--event", "critical")
    assert (code, out) == (0, "Webhook “Chat” is changed.\n")
    (found,) = json.loads(openthreat("--json", "webhook", "list")[1])["items"]
    assert (found["kind"], found["events"], found["signed"]) == ("slack", ["critical"], True)
    assert found["place"] == receiver.base
    assert openthreat("webhook", "test", "Chat")[0] == 0
    code, _, err = openthreat("webhook", "change", "Chat")
    assert (code, "Nothing to change" in err) == (2, True)
    code, _, err = openthreat("webhook", "change", "Chat", "--address", "https://me:s3cr3t@hooks.example/")
    assert (code, "s3cr3t" in err) == (2, False)


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize("address", ["hooks.example/s3cr3t", "https://me:s3cr3t@hooks.example/"])
def test_a_wrong_address_is_refused_and_not_repeated(openthreat: Command, address: str) -> None:
    code, _, err = openthreat("webhook", "add", "SIEM", address)
    assert code == 2
    assert "address does not begin with " in err or "address has a user " in err
    assert "s3cr3t" not in err


@pytest.mark.usefixtures("api")
def test_an_unknown_name_is_reported(receiver: Receiver, openthreat: Command) -> None:
    openthreat("webhook", "add", "SIEM", receiver.address)
    code, _, err = openthreat("webhook", "remove", "Siem2")
    assert code == 1
    assert "`openthreat webhook list` lists all." in err
