"""Webhooks against a real receiver: what it gets, what happens when it fails, and what is never sent or shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from backend.api.app import create_app
from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.data_problems import data_problems
from backend.contract.errors import OpenThreatError, RunLost
from backend.contract.inbox import EventKind
from backend.contract.names import Queue, RunState, TaskName, queue_on
from backend.contract.schedule import SchedulePause
from backend.contract.webhooks import WebhookChange, WebhookKind, WebhookWanted
from backend.network.access import NetworkAccess
from backend.secret_store import PrivateFiles, Secrets
from backend.services.exposure.events import note_events
from backend.services.maintenance.cleanup import clean_cache
from backend.services.runs.queue import TaskQueue
from backend.services.webhooks.delivery import send_webhooks
from backend.services.webhooks.due import ADOPTED_EVERY, SendingRequests
from backend.services.webhooks.posting import NotDelivered, Poster
from backend.services.webhooks.receivers import Receivers, own_receivers
from backend.services.webhooks.webhooks import add_webhook, change_webhook, list_webhooks
from backend.store.repositories.events import NewEvent
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.webhooks import Batch, WebhookHolder, WebhookRepository
from tests.contract.api.conftest import BASE, Json, Stage
from tests.contract.api.installed import NEW, OLD, match, put_flaws, send
from tests.contract.api.test_inbox import EXPLOITED, happen, inbox, put
from tests.fakes.caller import from_caller
from tests.fakes.no_keyring import NoKeyring
from tests.fakes.receiver import ACCEPTS, Receiver
from tests.fakes.sources import CountingRun
from tests.fakes.tls_server import Authority, TlsServer
from tests.fakes.web import Reply, answers

CISCO, OTHER = "CVE-2024-3001", "CVE-2024-3002"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def world(stage: Stage) -> Stage:
    for cve_id in (CISCO, OTHER):
        put(stage, cve_id, exploited_in_the_wild=True, title=f"A flaw of {cve_id}")
    return stage


def add(stage: Stage, receiver: Receiver, name: str = "SIEM", **more: object) -> Json:
    body = {"name": name, "address": receiver.address, "scope": "exploited", **more}
    return stage.request("POST", "/webhooks", 201, json=body)


def webhook(stage: Stage) -> Json:
    (found,) = stage.get("/webhooks")["items"]
    return found


def requested(stage: Stage) -> int:
    """Have beat look for something to send, and return how many runs wait."""
    SendingRequests(stage.database, own_receivers(stage.settings.home)).request(stage.now)
    with stage.database.reading() as connection:
        return sum(run.name == TaskName.SEND_WEBHOOKS for run in RunRepository(connection).waiting())


def turn(stage: Stage, run: CountingRun | None = None) -> Json:
    """Do what beat and a worker do: nothing is sent unless a run was requested."""
    if not requested(stage):
        return {"messages": 0, "events": 0, "failed": 0}
    with stage.database.transaction() as connection:
        for waiting in RunRepository(connection).waiting():
            RunRepository(connection).request_cancel(waiting.task_id, stage.now)
    return send_webhooks(stage.settings, stage.database, run or CountingRun(), lambda: stage.now)


def turns_for(stage: Stage, length: timedelta, step: timedelta = timedelta(seconds=30)) -> None:
    end = stage.now + length
    while stage.now < end:
        stage.now += step
        turn(stage)


def status(code: str, *headers: str) -> Reply:
    head = "".join(
        f"{header}\r\n" for header in (f"HTTP/1.1 {code}", "Content-Length: 0", "Connection: close", *headers)
    )
    return lambda visitor: visitor.sendall(f"{head}\r\n".encode())


def hangs(visitor: socket.socket) -> None:
    while visitor.recv(1024):
        pass


class KilledRun(CountingRun):
    """A run whose worker is killed at a transaction: neither that nor anything later is written."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._until = at

    def fence(self, connection: Connection) -> None:
        self._until -= 1
        if self._until <= 0:
            raise RunLost("Killed")


class TestWhatIsSent:
    def test_nothing_leaves_without_a_webhook(self, world: Stage) -> None:
        happen(world, EventKind.EXPLOITED, CISCO)
        assert requested(world) == 0
        assert world.get("/webhooks") == {"items": []}

    def test_what_happens_after_it_was_added_is_sent_in_order(self, world: Stage, receiver: Receiver) -> None:
        happen(world, EventKind.EXPLOITED, CISCO)
        add(world, receiver)
        assert requested(world) == 0
        happen(world, EventKind.EXPLOITED, OTHER)
        happen(world, EventKind.DUE_SOON, CISCO)
        assert turn(world) == {"messages": 1, "events": 2, "failed": 0}
        assert requested(world) == 0
        (message,) = receiver.received
        assert message.cve_ids == [OTHER, CISCO]
        body = message.json
        assert (body["version"], body["id"], body["test"], body["scope"]) == (1, message.id, False, "exploited")
        assert body["events"][0]["summary"] == f"{OTHER}: known to be exploited"
        assert message.headers["content-type"] == "application/json"

    def test_events_have_the_ids_of_the_feed(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        feed = world.client.get("/api/v1/feed.atom?scope=exploited").text
        assert f"<id>{receiver.received[0].json['events'][0]['id']}</id>" in feed

    def test_only_the_scope_and_the_kinds_that_were_chosen(self, world: Stage, receiver: Receiver) -> None:
        put(world, "CVE-2024-9999")
        add(world, receiver, "one", events=["exploited"])
        add(world, receiver, "two", scope="mine")
        happen(world, EventKind.CRITICAL, "CVE-2024-9999")
        happen(world, EventKind.EXPLOITED, CISCO)
        happen(world, EventKind.EPSS_ROSE, CISCO, epss_before=0.1, epss_after=0.5)
        turn(world)
        assert [message.json["webhook"] for message in receiver.received] == ["one"]
        assert [event["kind"] for event in receiver.received[0].json["events"]] == ["exploited"]

    def test_an_event_is_sent_when_it_comes_to_concern_within_a_day(self, world: Stage, receiver: Receiver) -> None:
        """As when the matching that follows an update finds the program."""
        add(world, receiver, scope="mine")
        happen(world, EventKind.EXPLOITED, CISCO)
        assert (requested(world), webhook(world)["waiting"]) == (0, 0)
        watch(world, "CVE-2024-3001")
        assert webhook(world)["waiting"] == 1
        assert turn(world)["events"] == 1

    def test_an_old_event_is_not_sent_because_the_watchlist_changed(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, scope="mine")
        happen(world, EventKind.EXPLOITED, CISCO)
        world.now += timedelta(days=2)
        clean_cache(world.settings, world.database, CountingRun(), lambda: world.now)
        watch(world, "CVE-2024-3001")
        assert len(inbox(world)) == 1
        assert requested(world) == 0

    def test_what_is_fixed_is_sent_once_the_matching_has_confirmed_it(self, stage: Stage, receiver: Receiver) -> None:
        put_flaws(stage)
        send(stage, OLD)
        match(stage)
        add(stage, receiver, scope="mine", events=["resolved"])
        send(stage, {**OLD, "version": "99.5"})
        assert requested(stage) == 0
        match(stage)
        assert requested(stage) == 0, "the new version is as vulnerable"
        send(stage, NEW)
        match(stage)
        turn(stage)
        assert EXPLOITED in receiver.received[0].cve_ids

    def test_a_backlog_is_sent_in_several_messages(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        many = [NewEvent(EventKind.DUE_SOON, CISCO, str(number), world.now) for number in range(250)]
        with world.database.transaction() as connection:
            note_events(connection, many)
        run = CountingRun()
        assert turn(world, run) == {"messages": 3, "events": 250, "failed": 0}
        assert [len(message.cve_ids) for message in receiver.received] == [100, 100, 50]
        assert len(run.slept) == 3

    def test_a_removed_webhook_gets_nothing(self, world: Stage, receiver: Receiver) -> None:
        found = add(world, receiver)["webhook"]
        happen(world, EventKind.EXPLOITED, CISCO)
        assert world.request("DELETE", f"/webhooks/{found['id']}", 200) == {"items": []}
        assert requested(world) == 0
        world.request("DELETE", f"/webhooks/{found['id']}", 404)
        assert list((world.settings.home / "secrets").iterdir()) == []


class TestSignatures:
    def test_a_receiver_can_check_that_a_message_is_ours(self, world: Stage, receiver: Receiver) -> None:
        """As the README describes it."""
        add(world, receiver, secret=SECRET)
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        (message,) = receiver.received
        signed = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
        digest = hmac.new(b"0123456789abcdef0123456789abcdef", signed, hashlib.sha256).digest()
        assert message.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
        assert message.headers["webhook-id"] == message.id
        assert int(message.headers["webhook-timestamp"]) == int(world.now.timestamp())

    def test_a_secret_that_is_no_base64_is_the_key_itself(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, secret="a plain secret")
        world.post(f"/webhooks/{webhook(world)['id']}/test", 200)
        (message,) = receiver.received
        signed = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.body
        digest = hmac.new(b"a plain secret", signed, hashlib.sha256).digest()
        assert message.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"

    def test_json_is_signed_unless_it_is_for_a_chat(self, world: Stage, receiver: Receiver) -> None:
        assert add(world, receiver, "own")["secret"].startswith("whsec_")
        added = add(world, receiver, "chat", kind="slack")
        assert (added["secret"], added["webhook"]["signed"]) == ("", False)

    def test_a_repeated_message_has_a_new_signature_and_the_same_id(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, secret=SECRET)
        happen(world, EventKind.EXPLOITED, CISCO)
        receiver.reply = status("500 Internal Server Error")
        turn(world)
        world.now += timedelta(minutes=1)
        turn(world)
        first, second = receiver.received
        assert (first.id, first.body) == (second.id, second.body)
        assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


class TestFailures:
    def test_a_receiver_that_is_away_for_ten_minutes_gets_all_once(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        receiver.reply = lambda visitor: visitor.close()
        happen(world, EventKind.EXPLOITED, CISCO)
        turns_for(world, timedelta(minutes=5))
        happen(world, EventKind.EXPLOITED, OTHER)
        turns_for(world, timedelta(minutes=5))
        tries = len(receiver.received)
        assert 3 <= tries <= 6
        assert (webhook(world)["state"], webhook(world)["waiting"]) == ("retrying", 2)
        receiver.reply = ACCEPTS
        turns_for(world, timedelta(hours=1))
        accepted = receiver.received[tries:]
        assert [message.cve_ids for message in accepted] == [[CISCO], [OTHER]]
        assert {message.id for message in receiver.received[:tries]} == {accepted[0].id}
        assert (webhook(world)["state"], webhook(world)["waiting"], webhook(world)["error"]) == ("ok", 0, "")

    @pytest.mark.parametrize("wait", ["3600", "Sun, 01 Mar 2026 14:00:00 GMT"])
    def test_the_time_that_a_receiver_asks_for_is_waited(self, world: Stage, receiver: Receiver, wait: str) -> None:
        add(world, receiver)
        receiver.reply = status("429 Too Many Requests", f"Retry-After: {wait}", "Date: Sun, 01 Mar 2026 13:00:00 GMT")
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        turns_for(world, timedelta(minutes=59))
        assert len(receiver.received) == 1
        turns_for(world, timedelta(minutes=2))
        assert len(receiver.received) == 2

    def test_a_clock_that_was_wrong_does_not_stop_it(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        receiver.reply = status("500 Internal Server Error")
        world.now += timedelta(days=400)
        turn(world)
        world.now -= timedelta(days=400)
        receiver.reply = ACCEPTS
        assert turn(world)["events"] == 1

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (status("500 Internal Server Error"), "127.0.0.1 answered 500 Internal Server Error."),
            (status("404 Not Found"), "127.0.0.1 answered 404 Not Found."),
            (status("302 Found", "Location: /elsewhere"), "127.0.0.1 redirects (302) in a way that"),
            (status("308 Moved", "Location: http://127.0.0.2/s3cr3t-path"), "127.0.0.1 redirects to another server"),
            (status("308 Moved", "Location: http://[::1"), "The address at 127.0.0.1 is not valid."),
            (status("307 Moved", "Location: /hooks/T0/s3cr3t-path"), "127.0.0.1 redirects again and again."),
            (status("302 /hooks/T0/s3cr3t-path"), "127.0.0.1 redirects (302)"),
            (lambda visitor: visitor.close(), "The connection to 127.0.0.1 broke."),
            (lambda visitor: visitor.sendall(b"\x00\x01nonsense\r\n\r\n"), "The connection to 127.0.0.1 broke."),
        ],
    )
    def test_why_it_failed_is_said_without_the_address(
        self, world: Stage, receiver: Receiver, reply: Reply, reason: str
    ) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        receiver.reply = reply
        assert turn(world)["failed"] == 1
        assert webhook(world)["error"].startswith(reason)
        assert "s3cr3t" not in world.client.get("/api/v1/webhooks").text
        assert requested(world) == 0

    def test_a_redirect_on_the_same_server_is_followed(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        moved = status("308 Permanent Redirect", "Location: /new/place")
        receiver.reply = lambda visitor: (moved if len(receiver.received) == 1 else ACCEPTS)(visitor)
        assert turn(world)["messages"] == 1
        assert [message.path for message in receiver.received] == ["/hooks/T0/s3cr3t-path", "/new/place"]
        assert receiver.received[0].body == receiver.received[1].body

    def test_an_answer_of_a_gigabyte_is_not_read(self, world: Stage, receiver: Receiver) -> None:
        sent = 0

        def much(visitor: socket.socket) -> None:
            nonlocal sent
            visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
            for _ in range(1024):
                visitor.sendall(bytes(2**20))
                sent += 2**20

        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        receiver.reply = much
        assert turn(world)["messages"] == 1
        assert sent < 2**30

    @pytest.mark.parametrize("slowly", [False, True])
    def test_a_receiver_that_does_not_answer_is_left_alone_after_a_time(self, receiver: Receiver, slowly: bool) -> None:
        def drips(visitor: socket.socket) -> None:
            visitor.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while True:
                visitor.sendall(b"x")
                time.sleep(0.05)

        receiver.reply = drips if slowly else hangs
        with pytest.raises(NotDelivered, match=r"did not answer in 0\.5 seconds"):
            Poster(NetworkAccess(), total_s=0.5).post(receiver.address, b"{}", {})

    def test_a_certificate_that_cannot_be_verified_is_said(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        context = Authority(tmp_path_factory.mktemp("authority")).context_for("localhost")
        with TlsServer(answers(b"ok"), context) as server, pytest.raises(NotDelivered, match="could not be verified"):
            Poster(NetworkAccess()).post(f"https://localhost:{server.port}/s3cr3t-path", b"{}", {})

    def test_after_a_day_it_is_one_problem_until_it_works(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, "Sentinel")
        receiver.reply = status("503 Service Unavailable")
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        assert problems(world) == []
        occurrences = set[str]()
        for _ in range(3):
            turns_for(world, timedelta(days=1), timedelta(minutes=30))
            happen(world, EventKind.EXPLOITED, CISCO)
            ((title, occurrence),) = problems(world)
            assert title == "Sentinel: nothing could be sent for a day"
            occurrences.add(occurrence)
        assert len(occurrences) == 1
        assert len(receiver.received) < 70
        receiver.reply = ACCEPTS
        turns_for(world, timedelta(hours=7), timedelta(minutes=30))
        assert problems(world) == []
        assert webhook(world)["waiting"] == 0

    def test_one_that_fails_does_not_hold_up_the_others(self, world: Stage, receiver: Receiver) -> None:
        with Receiver(status("500 Internal Server Error")) as broken:
            add(world, broken, "broken")
            add(world, receiver, "works")
            happen(world, EventKind.EXPLOITED, CISCO)
            assert turn(world) == {"messages": 1, "events": 1, "failed": 1}
        assert len(receiver.received) == 1

    def test_without_its_address_nothing_is_sent_and_that_is_said(self, world: Stage, receiver: Receiver) -> None:
        added = add(world, receiver)["webhook"]
        (world.settings.home / "secrets" / f"webhook-{added['id']}").unlink()
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        assert webhook(world)["error"].startswith("The address is no longer in the keyring of this PC")


class TestKills:
    def test_killed_before_it_is_sent(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        with pytest.raises(RunLost):
            turn(world, KilledRun(at=1))
        assert receiver.received == []
        turn(world)
        assert len(receiver.received) == 1

    def test_killed_between_the_answer_and_its_note_the_same_message_comes_again(
        self, world: Stage, receiver: Receiver
    ) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        with pytest.raises(RunLost):
            turn(world, KilledRun(at=2))
        happen(world, EventKind.EXPLOITED, OTHER)
        turn(world)
        first, again, other = receiver.received
        assert (first.id, first.body) == (again.id, again.body)
        assert other.cve_ids == [OTHER]
        assert requested(world) == 0


class TestSettingUp:
    def test_a_test_message_says_what_the_receiver_answers(self, world: Stage, receiver: Receiver) -> None:
        path = f"/webhooks/{add(world, receiver)['webhook']['id']}/test"
        assert world.post(path, 200) == {"delivered": True, "message": "The receiver accepted the test message."}
        assert (receiver.received[0].json["test"], receiver.received[0].json["events"]) == (True, [])
        receiver.reply = status("410 Gone")
        assert world.post(path, 200) == {"delivered": False, "message": "127.0.0.1 answered 410 Gone."}
        world.post("/webhooks/unknown/test", 404)

    def test_a_test_that_succeeds_ends_the_waiting(self, world: Stage, receiver: Receiver) -> None:
        path = f"/webhooks/{add(world, receiver)['webhook']['id']}/test"
        receiver.reply = status("429 Too Many Requests", "Retry-After: 7200")
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        assert requested(world) == 0
        receiver.reply = ACCEPTS
        world.post(path, 200)
        assert turn(world)["events"] == 1

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "hooks.example/path",
            "ftp://hooks.example/",
            "file:///etc/passwd",
            "https://",
            "https://me:geheim@hooks.example/",
            "https://hooks.example:99999/",
            "https://[::1/",
            "https://hooks.example/a b",
            "https://hooks.example/\u202e",
            "https://hooks.example/\r\nX: y",
            "https://hooks.example/" + "x" * 1000,
        ],
    )
    def test_an_address_that_cannot_be_used_is_refused(self, stage: Stage, address: str) -> None:
        refused = stage.request("POST", "/webhooks", 422, json={"name": "x", "address": address})
        assert not address or address not in str(refused)
        assert stage.get("/webhooks") == {"items": []}

    @pytest.mark.parametrize("wrong", [{"name": " "}, {"secret": "short"}, {"events": []}, {"kind": "irc"}])
    def test_other_wrong_values_are_refused(self, stage: Stage, wrong: Json) -> None:
        body = {"name": "x", "address": "https://hooks.example/", **wrong}
        stage.request("POST", "/webhooks", 422, json=body)

    def test_names_are_unique_and_their_number_is_limited(self, stage: Stage, receiver: Receiver) -> None:
        add(stage, receiver, "SIEM")
        stage.request("POST", "/webhooks", 409, json={"name": "siem", "address": receiver.address})
        for number in range(19):
            add(stage, receiver, f"another {number}")
        stage.request("POST", "/webhooks", 409, json={"name": "one more", "address": receiver.address})

    def test_a_pc_without_an_id_adds_no_webhook(self, stage: Stage, receiver: Receiver) -> None:
        home = stage.settings.home / "no folder"
        home.write_text("")
        receivers = Receivers(Secrets(NoKeyring(), PrivateFiles(home)), home)
        wanted = WebhookWanted(name="SIEM", address=receiver.address)
        with pytest.raises(OpenThreatError, match="can be neither read nor written") as refused:
            add_webhook(stage.database, receivers, wanted, stage.now)
        assert refused.value.hint
        assert stage.get("/webhooks") == {"items": []}
        SendingRequests(stage.database, receivers).request(stage.now)

    def test_secrets_are_in_the_keyring_only(
        self, world: Stage, receiver: Receiver, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        add(world, receiver, secret=SECRET)
        happen(world, EventKind.EXPLOITED, CISCO)
        receiver.reply = status("500 Internal Server Error")
        turn(world)
        shown = world.client.get("/api/v1/webhooks").text + world.client.get("/api/v1/snapshot").text
        logged = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
        for secret in (SECRET, "s3cr3t-path"):
            assert secret not in shown + logged
            assert secret.encode() not in b"".join(rows(world))


class TestChanges:
    def test_what_is_not_named_stays_with_address_and_secret(self, world: Stage, receiver: Receiver) -> None:
        before = add(world, receiver, secret=SECRET)["webhook"]
        answer = change(world, {"name": "Sentinel", "events": ["critical", "due_soon"]})
        assert answer["secret"] == ""
        changed = {**before, "name": "Sentinel", "events": ["critical", "due_soon"]}
        assert answer["webhook"] == webhook(world) == changed
        happen(world, EventKind.EXPLOITED, CISCO)
        happen(world, EventKind.DUE_SOON, CISCO)
        assert turn(world)["events"] == 1
        (message,) = receiver.received
        assert (message.json["webhook"], message.json["events"][0]["kind"]) == ("Sentinel", "due_soon")
        signed = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.body
        digest = hmac.new(b"0123456789abcdef0123456789abcdef", signed, hashlib.sha256).digest()
        assert message.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"

    def test_kinds_of_events_that_are_chosen_later_are_sent_from_then_on(
        self, world: Stage, receiver: Receiver
    ) -> None:
        add(world, receiver, events=["exploited"])
        happen(world, EventKind.EXPLOITED, CISCO)
        happen(world, EventKind.DUE_SOON, CISCO)
        change(world, {"events": ["due_soon"]})
        assert (requested(world), webhook(world)["waiting"]) == (0, 0)
        happen(world, EventKind.DUE_SOON, OTHER)
        turn(world)
        assert [message.cve_ids for message in receiver.received] == [[OTHER]]

    def test_a_wider_scope_does_not_send_the_past(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, scope="mine")
        happen(world, EventKind.EXPLOITED, CISCO)
        change(world, {"scope": "exploited"})
        assert (requested(world), webhook(world)["waiting"]) == (0, 0)
        happen(world, EventKind.EXPLOITED, OTHER)
        turn(world)
        assert [message.cve_ids for message in receiver.received] == [[OTHER]]

    def test_what_waits_goes_to_the_new_address_at_once_as_the_same_message(
        self, world: Stage, receiver: Receiver
    ) -> None:
        with Receiver(status("500 Internal Server Error")) as broken:
            add(world, broken, secret=SECRET)
            happen(world, EventKind.EXPLOITED, CISCO)
            turn(world)
            assert requested(world) == 0
            changed = change(world, {"address": receiver.address})
            (refused,) = broken.received
        assert (changed["secret"], changed["webhook"]["place"]) == ("", receiver.base)
        assert turn(world)["events"] == 1
        (message,) = receiver.received
        assert (message.id, message.body) == (refused.id, refused.body)
        assert "webhook-signature" in message.headers
        assert webhook(world)["state"] == "ok"

    def test_another_form_holds_for_what_waits_as_well(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        receiver.reply = status("400 Bad Request")
        happen(world, EventKind.EXPLOITED, CISCO)
        turn(world)
        receiver.reply = ACCEPTS
        change(world, {"kind": "slack"})
        assert turn(world)["events"] == 1
        refused, message = receiver.received
        assert CISCO in str(message.json["blocks"])
        assert message.id != refused.id

    def test_what_is_made_anew_in_another_form_has_only_the_kinds_that_are_still_wanted(
        self, world: Stage, receiver: Receiver
    ) -> None:
        add(world, receiver)
        receiver.reply = status("400 Bad Request")
        happen(world, EventKind.EXPLOITED, CISCO)
        happen(world, EventKind.DUE_SOON, OTHER)
        turn(world)
        receiver.reply = ACCEPTS
        change(world, {"kind": "slack", "events": ["due_soon"]})
        assert webhook(world)["waiting"] == 1
        assert turn(world)["events"] == 1
        assert CISCO not in str(receiver.received[-1].json["blocks"])

    def test_a_change_while_a_message_is_sent_is_not_undone_by_its_note(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)

        def changes_it(visitor: socket.socket) -> None:
            receiver.reply = ACCEPTS
            change(world, {"kind": "slack"})
            ACCEPTS(visitor)

        receiver.reply = changes_it
        turn(world)
        assert ["blocks" in message.json for message in receiver.received] == [False, True]
        assert webhook(world)["waiting"] == 0

    def test_a_change_waits_for_a_message_that_is_being_made(self, world: Stage, receiver: Receiver) -> None:
        added = add(world, receiver)["webhook"]
        own, wanted = own_receivers(world.settings.home), WebhookChange(kind=WebhookKind.SLACK)
        happen(world, EventKind.EXPLOITED, CISCO)
        with ThreadPoolExecutor(1) as pool:
            with world.database.transaction() as connection:
                stored = WebhookRepository(connection)
                webhook = stored.locked(added["id"])
                assert webhook is not None
                changed = pool.submit(change_webhook, world.database, own, added["id"], wanted, world.now)
                with pytest.raises(TimeoutError):
                    changed.result(0.5)
                stored.begin_batch(added["id"], Batch("m", b"{}"), stored.queued(webhook, 9))
            changed.result(10)
        assert turn(world)["events"] == 1
        assert CISCO in str(receiver.received[0].json["blocks"])

    def test_the_secret_is_changed_alone_or_taken_away(self, world: Stage, receiver: Receiver) -> None:
        path = f"/webhooks/{add(world, receiver)['webhook']['id']}/test"
        answer = change(world, {"secret": "another secret"})
        assert (answer["secret"], answer["webhook"]["signed"]) == ("another secret", True)
        world.post(path, 200)
        assert change(world, {"secret": ""})["webhook"]["signed"] is False
        world.post(path, 200)
        assert ["webhook-signature" in message.headers for message in receiver.received] == [True, False]

    @pytest.mark.parametrize(
        "wrong",
        [{"name": " "}, {"address": "hooks.example"}, {"secret": "short"}, {"events": []}, {"kind": "irc"}, {"x": 1}],
    )
    def test_wrong_values_are_refused_and_nothing_changes(self, world: Stage, receiver: Receiver, wrong: Json) -> None:
        before = add(world, receiver)["webhook"]
        world.request("PATCH", f"/webhooks/{before['id']}", 422, json={"scope": "everything", **wrong})
        assert webhook(world) == before

    def test_names_stay_unique(self, world: Stage, receiver: Receiver) -> None:
        add(world, receiver, "one")
        other = add(world, receiver, "two")["webhook"]
        world.request("PATCH", f"/webhooks/{other['id']}", 409, json={"name": "ONE"})
        world.request("PATCH", f"/webhooks/{other['id']}", 200, json={"name": "TWO"})
        world.request("PATCH", "/webhooks/unknown", 404, json={"name": "three"})


class TestTeams:
    """A webhook that was added at one PC, and another PC of the team."""

    @pytest.fixture
    def other(self, world: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
        settings = Settings(home=tmp_path_factory.mktemp("other"))
        queue = TaskQueue(world.database, lambda *_: None, lambda: world.now)
        app = create_app(settings, world.database, queue, lambda: world.now)
        with TestClient(from_caller(app), base_url=BASE, raise_server_exceptions=False) as client:
            yield Stage(settings, world.database, client)

    def test_only_the_pc_that_has_the_address_takes_what_is_sent(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        add(world, receiver)
        happen(world, EventKind.EXPLOITED, CISCO)
        other.now = world.now
        assert requested(other) == 0
        assert requested(world) == 1
        with world.database.reading() as connection:
            (run,) = RunRepository(connection).waiting()
        assert run.queue == queue_on(known_machine_id(world.settings.home)) != str(Queue.FAST)
        nothing = {"messages": 0, "events": 0, "failed": 0}
        assert send_webhooks(other.settings, other.database, CountingRun(), lambda: world.now) == nothing
        assert (webhook(world)["state"], webhook(world)["waiting"]) == ("ok", 1)
        assert turn(world)["events"] == 1

    def test_two_pcs_send_to_their_own_webhooks_side_by_side(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        add(world, receiver, "one")
        add(other, receiver, "two")
        happen(world, EventKind.EXPLOITED, CISCO)
        other.now = world.now
        assert (requested(world), requested(other)) == (1, 2)
        for stage in (world, other):
            assert send_webhooks(stage.settings, stage.database, CountingRun(), lambda: world.now)["messages"] == 1
        assert [message.json["webhook"] for message in receiver.received] == ["one", "two"]

    def test_after_a_day_the_others_say_which_pc_did_not_send(
        self, world: Stage, other: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.webhooks.receivers.host_name", lambda: "LAB-2")
        add(other, receiver, "SIEM")
        happen(world, EventKind.EXPLOITED, CISCO)
        world.now += timedelta(hours=23)
        assert problems(world) == []
        world.now += timedelta(hours=2)
        ((title, occurrence),) = problems(world)
        assert title == "SIEM: nothing could be sent for a day"
        assert webhook(world)["error"].startswith("LAB-2 has not sent for a day.")
        happen(world, EventKind.EXPLOITED, OTHER)
        assert problems(world) == [(title, occurrence)]
        other.now = world.now
        assert problems(other) == [], "it sends as soon as it runs"
        turn(other)
        assert problems(world) == []

    def test_a_webhook_can_be_about_the_pc_that_sends(self, world: Stage, other: Stage, receiver: Receiver) -> None:
        put_flaws(world)
        add(other, receiver, scope="pc")
        send(world, OLD, machine="one")
        match(world)
        world.now += timedelta(minutes=1)
        other.now = world.now
        assert requested(other) == 0, "the other PC has it"
        send(other, OLD, machine="two")
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        other.now = world.now
        assert turn(other)["messages"] == 1
        found = [event["on_machines"] for event in receiver.received[0].json["events"]]
        assert {machine["machine_id"] for machines in found for machine in machines} == {"two"}

    def test_a_test_message_is_sent_where_the_address_is(self, world: Stage, other: Stage, receiver: Receiver) -> None:
        path = f"/webhooks/{add(world, receiver)['webhook']['id']}/test"
        answer = other.post(path, 200)
        assert answer["delivered"] is False
        assert webhook(world)["holder"] in answer["message"]
        assert receiver.received == []

    def test_an_address_that_is_entered_at_another_pc_makes_that_one_send(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        before = add(world, receiver)
        path = f"/webhooks/{before['webhook']['id']}"
        other.request("PATCH", path, 409, json={"secret": "a new secret"})
        assert (
            other.request("PATCH", path, 200, json={"scope": "everything"})["webhook"]["holder_id"]
            == (before["webhook"]["holder_id"])
        )
        moved = other.request("PATCH", path, 200, json={"address": receiver.address})
        assert moved["webhook"]["holder_id"] == known_machine_id(other.settings.home)
        assert moved["secret"] not in ("", before["secret"]), "only the first PC knows the former one"
        happen(world, EventKind.EXPLOITED, CISCO)
        other.now = world.now
        assert requested(world) == 0
        assert turn(other)["events"] == 1

    def test_a_webhook_about_one_pc_that_moves_to_another_one_does_not_send_the_past(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        put_flaws(world)
        path = f"/webhooks/{add(world, receiver, scope='pc')['webhook']['id']}"
        send(other, OLD, machine="two")
        match(world)
        other.now = world.now
        assert requested(world) == 0, "what was found is on the other PC"
        other.request("PATCH", path, 200, json={"address": receiver.address})
        assert (requested(other), webhook(other)["waiting"]) == (0, 0)
        happen(world, EventKind.EXPLOITED, EXPLOITED)
        assert turn(other)["events"] == 1

    def test_an_address_that_moves_while_a_run_sends_is_no_failure(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        def moves_the_other(visitor: socket.socket) -> None:
            other.request("PATCH", f"/webhooks/{second['id']}", 200, json={"address": receiver.address})
            ACCEPTS(visitor)

        with Receiver(moves_the_other) as first:
            add(world, first, "one")
            world.now += timedelta(minutes=1)
            second = add(world, receiver, "two")["webhook"]
            happen(world, EventKind.EXPLOITED, CISCO)
            assert turn(world) == {"messages": 1, "events": 1, "failed": 0}
        assert receiver.received == []
        other.now = world.now
        assert turn(other)["events"] == 1

    def test_a_webhook_of_an_older_version_is_sent_by_the_pc_that_has_its_address(
        self, world: Stage, other: Stage, receiver: Receiver
    ) -> None:
        added = add(world, receiver)["webhook"]
        with world.database.transaction() as connection:
            WebhookRepository(connection).hold(added["id"], WebhookHolder())
        happen(world, EventKind.EXPLOITED, CISCO)
        other.now = world.now
        assert requested(other) == 0
        assert turn(world)["events"] == 1
        assert webhook(world)["holder_id"] == added["holder_id"]

    def test_it_is_found_later_where_the_keyring_was_locked_at_first(
        self, world: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        added = add(world, receiver)["webhook"]
        with world.database.transaction() as connection:
            WebhookRepository(connection).hold(added["id"], WebhookHolder())
        happen(world, EventKind.EXPLOITED, CISCO)
        requests = SendingRequests(world.database, own_receivers(world.settings.home))
        with monkeypatch.context() as locked:
            locked.setattr(Receivers, "get", lambda *_: None)
            requests.request(world.now)
            assert webhook(world)["holder_id"] == ""
        requests.request(world.now + ADOPTED_EVERY)
        assert webhook(world)["holder_id"] == added["holder_id"]


def change(stage: Stage, body: Json) -> Json:
    return stage.request("PATCH", f"/webhooks/{webhook(stage)['id']}", 200, json=body)


def watch(stage: Stage, text: str) -> None:
    search = {"name": "w", "is_watched": True, "filters": {"search": text}}
    stage.request("PUT", "/searches", 200, json={"items": [search]})


def problems(stage: Stage) -> list[tuple[str, str]]:
    """The title and the occurrence of each problem of webhooks."""
    with stage.database.reading() as connection:
        listed = list_webhooks(connection, known_machine_id(stage.settings.home), stage.now).items
        found = data_problems((), (), (), SchedulePause(), webhooks=listed)
    return [(problem.title, problem.occurrences[0]) for problem in found]


def rows(stage: Stage) -> Iterator[bytes]:
    with stage.database.reading() as connection:
        for table in ("webhooks", "webhook_events", "task_runs", "facts"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                yield repr(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)).encode()


def test_eight_weeks_lose_and_double_nothing(world: Stage, receiver: Receiver) -> None:
    """Events in all hours, a receiver that is often away, kills at every point, a PC that is off for days."""
    chance, begin = random.Random(8), world.now
    add(world, receiver)
    accepted = dict[str, bytes]()

    def answer(visitor: socket.socket) -> None:
        message = receiver.received[-1]
        if chance.random() < 0.3:
            status(chance.choice(["500 Internal Server Error", "429 Too Many Requests", "302 Found"]))(visitor)
            return
        assert accepted.setdefault(message.id, message.body) == message.body
        ACCEPTS(visitor)

    receiver.reply = answer
    while world.now < begin + timedelta(weeks=8):
        kind = chance.choice([EventKind.EXPLOITED, EventKind.CRITICAL, EventKind.DUE_SOON])
        happen(world, kind, chance.choice([CISCO, OTHER]))
        world.now += timedelta(hours=chance.choice([1, 3, 9, 50]))
        for _ in range(chance.choice([0, 1, 1, 2])):
            try:
                turn(world, KilledRun(at=chance.choice([1, 2, 3, 99])))
            except RunLost:
                continue
    turns_for(world, timedelta(hours=8), timedelta(minutes=30))
    while requested(world):
        turns_for(world, timedelta(hours=8), timedelta(minutes=30))
    history = [event["happened_at"] for event in reversed(inbox(world, "exploited", page_size=500))]
    unique = {message.id: message for message in receiver.received if message.id in accepted}
    got = [event["happened_at"] for message in unique.values() for event in message.json["events"]]
    assert got == history
    assert datetime.fromisoformat(history[-1]) > begin + timedelta(days=50)
    feed = world.client.get("/api/v1/feed.atom?scope=exploited").text
    assert feed.count("<entry>") == len(history)


def test_runs_are_requested_once_and_only_when_due(world: Stage, receiver: Receiver) -> None:
    add(world, receiver)
    happen(world, EventKind.EXPLOITED, CISCO)
    assert [requested(world), requested(world)] == [1, 1]
    (run,) = world.get("/tasks", name=TaskName.SEND_WEBHOOKS)["items"]
    assert (run["status"], run["queue"]) == (RunState.PENDING, queue_on(known_machine_id(world.settings.home)))
