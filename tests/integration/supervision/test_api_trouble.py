"""An API that hangs or sends invalid answers: from its answers to the commands, on the replay's clock."""

import json
from collections.abc import Iterator

import pytest

from backend.client.api import ApiClient
from desktop.supervision.events import KillTree
from desktop.supervision.monitors import ApiEndpoint, ApiMonitor
from desktop.supervision.plan import API
from desktop.supervision.services import Phase
from tests.fakes.health import HEALTH
from tests.fakes.web import RawServer, Reply, answers
from tests.unit.supervision.replay import Replay, started

LOOK_S = 2.0


class PolledReplay:
    """All services run, and the API is polled every two seconds."""

    def __init__(self, port: int) -> None:
        self.replay: Replay = started()
        client = ApiClient(f"http://127.0.0.1:{port}", wait_s=0.2)
        self._monitor = ApiMonitor(
            client, ApiEndpoint("127.0.0.1", port, "ours", "home"), lambda *_: True, lambda _: None
        )

    def passes(self, seconds: float) -> None:
        until = self.replay.at + seconds
        while self.replay.at < until:
            self.replay.at += LOOK_S
            for event in self._monitor.poll(self.replay.state):
                self.replay.then(event)


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(answers(json.dumps(HEALTH).encode())) as running:
        yield running


@pytest.fixture(
    params=[
        answers(b"<html>hello</html>", kind="text/html"),
        answers(b"{}", "500 Internal Server Error"),
        answers(json.dumps({**HEALTH, "program": "something else"}).encode()),
        answers(json.dumps({**HEALTH, "instance": "another"}).encode()),
        lambda visitor: visitor.sendall(b"220 mail.example ESMTP\r\n"),
        lambda _: None,
    ],
    ids=["html", "an error", "another program", "another instance", "not HTTP", "nothing"],
)
def nonsense(request: pytest.FixtureRequest) -> Reply:
    reply: Reply = request.param
    return reply


def test_nonsense_is_said_within_five_seconds_and_the_process_is_still_left_alone(
    server: RawServer, nonsense: Reply
) -> None:
    looked = PolledReplay(server.port)
    looked.passes(4)
    assert looked.replay[API].problem is None
    server.reply = nonsense
    looked.passes(4)
    assert looked.replay[API].problem is not None
    assert looked.replay[API].phase is Phase.RUNNING
    assert looked.replay.commands == []


def test_an_api_that_goes_on_talking_nonsense_is_started_again(server: RawServer, nonsense: Reply) -> None:
    looked = PolledReplay(server.port)
    server.reply = nonsense
    looked.passes(30)
    assert looked.replay.commands == [KillTree(API)]


def test_silence_is_said_within_five_seconds_and_ended_like_nonsense(server: RawServer) -> None:
    looked = PolledReplay(server.port)
    server.reply = lambda _: server.wait()
    looked.passes(4)
    assert looked.replay[API].problem is not None
    looked.passes(26)
    assert looked.replay.commands == [KillTree(API)]


def test_an_api_that_comes_to_its_senses_is_well_again(server: RawServer, nonsense: Reply) -> None:
    looked, sense = PolledReplay(server.port), server.reply
    server.reply = nonsense
    looked.passes(10)
    server.reply = sense
    looked.passes(2)
    assert looked.replay[API].problem is None
    assert looked.replay.commands == []
