"""What the desktop does with valid and invalid answers, and what it concludes about its port."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiNonsense, ApiRefused, ApiSilent
from backend.contract.errors import ErrorBody, ErrorFields
from backend.contract.names import TaskName
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from desktop.host import Holder, port_holder, port_is_free
from desktop.stack import StackUnavailable
from desktop.stack.embedded import EmbeddedStack
from desktop.supervision.events import (
    CloseRequested,
    ForeignApiFound,
    PortFoundFree,
    ProbeFailed,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
    StackDown,
    StartRequested,
)
from desktop.supervision.monitors import ApiEndpoint, ApiMonitor, StackMonitor
from desktop.supervision.plan import API, STACK, plan
from desktop.supervision.reducer import reduce
from desktop.supervision.services import Supervision
from tests.fakes.health import HEALTH
from tests.fakes.web import RawServer, Reply, answers
from tests.servers import free_port
from tests.unit.supervision.replay import started

NOBODY = Holder()
OURS = ErrorBody.of(ErrorFields(title="No", message="Not so.", hint="Ask again.")).model_dump_json().encode()


def health(**changes: object) -> bytes:
    return json.dumps({**HEALTH, **changes}).encode()


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(answers(health())) as running:
        yield running


def client_of(server: RawServer, token: str = "") -> ApiClient:
    return ApiClient(server.base, token, wait_s=0.5)


def test_what_was_asked_for_is_told_of_when_it_is_done_and_questions_are_not(server: RawServer) -> None:
    changes: list[str] = []
    client = ApiClient(server.base, wait_s=0.5, changed=lambda: changes.append("changed"))
    client.health()
    assert changes == []
    server.reply = answers(b'{"task_id": "1", "status": "PENDING", "message": "It waits."}', "202 Accepted")
    client.request_run(TaskName.UPDATE)
    assert changes == ["changed"]
    server.reply = answers(b"{}", "503 Service Unavailable")
    with pytest.raises(ApiRefused):
        client.request_run(TaskName.UPDATE)
    assert changes == ["changed"]


def test_understands_its_own_api(server: RawServer) -> None:
    assert client_of(server).health().pid == 4711
    assert server.requests[0].startswith(b"GET /api/v1/health HTTP/1.1")


def test_sends_the_token_it_was_given(server: RawServer) -> None:
    client_of(server, "s3cret").health()
    assert b"Authorization: Bearer s3cret" in server.requests[0]


def test_loopback_never_goes_through_a_proxy(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert client_of(server).health().pid == 4711


@pytest.mark.parametrize(
    "reply",
    [
        answers(b"<html>hello</html>", kind="text/html"),
        answers(b"[]"),
        answers(b"\xff\xfe"),
        answers(b'{"status":"ok"}'),
        answers(health(program="something else")),
        answers(b" " * (9 * 2**20)),
        lambda visitor: visitor.sendall(b"220 mail.example ESMTP\r\n"),
    ],
    ids=["html", "a list", "no text", "half of it", "another program", "far too long", "not HTTP"],
)
def test_nonsense_is_told_as_nonsense(server: RawServer, reply: Reply) -> None:
    server.reply = reply
    with pytest.raises((ApiNonsense, ApiSilent)):
        client_of(server).health()


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "302 Found", "401 No"])
def test_a_refusal_is_an_error_and_redirects_are_not_followed(server: RawServer, status: str) -> None:
    server.reply = answers(b"{}", status)
    with pytest.raises(ApiRefused):
        client_of(server).health()


def test_a_server_that_says_nothing_is_silent(server: RawServer) -> None:
    server.reply = lambda _: server.wait()
    with pytest.raises(ApiSilent):
        client_of(server).health()


def test_a_trickle_is_cut_off(server: RawServer) -> None:
    over, cut_off = threading.Event(), threading.Event()

    def trickle(visitor: socket.socket) -> None:
        visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not over.wait(0.1):
                visitor.sendall(b" ")
        except OSError:
            cut_off.set()

    server.reply = trickle
    with pytest.raises(ApiSilent):
        client_of(server).health()
    assert cut_off.wait(10)
    over.set()


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "is closed"])
def test_an_answer_that_breaks_off_is_silence(server: RawServer, hangs: bool) -> None:
    def begin(visitor: socket.socket) -> None:
        visitor.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status"')
        if hangs:
            server.wait()

    server.reply = begin
    with pytest.raises(ApiSilent):
        client_of(server).health()


def test_a_connection_that_is_closed_without_a_word_is_silence(server: RawServer) -> None:
    server.reply = lambda _: None
    with pytest.raises(ApiSilent):
        client_of(server).health()


def test_a_port_where_nobody_listens_is_told_apart() -> None:
    with pytest.raises(ApiAbsent):
        ApiClient(f"http://127.0.0.1:{free_port()}", wait_s=0.5).health()


def starting() -> Supervision:
    """The API is about to be started."""
    state = Supervision.of(plan())
    for event in (StartRequested(), ServiceReady(STACK)):
        state, _ = reduce(state, event, 0.0)
    return state


def lookout(port: int, holder: Holder | None = NOBODY, *, free: bool = True) -> ApiMonitor:
    client = ApiClient(f"http://127.0.0.1:{port}", wait_s=0.5)
    return ApiMonitor(client, ApiEndpoint("127.0.0.1", port, "ours", "home"), lambda *_: free, lambda _: holder)


def test_a_free_port_is_found_free() -> None:
    assert lookout(free_port()).poll(starting()) == [PortFoundFree(API)]


def test_a_port_that_the_system_keeps_for_itself_is_taken() -> None:
    [event] = lookout(free_port(), None, free=False).poll(starting())
    assert isinstance(event, ServicePortTaken)
    assert event.problem.message == "No program listens there, but the system does not allow its use."


def test_an_api_of_the_same_data_is_foreign(server: RawServer) -> None:
    server.reply = answers(health(instance=None))
    assert lookout(server.port).poll(starting()) == [ForeignApiFound(API, 4711)]


def test_an_api_of_other_data_is_another_program(server: RawServer) -> None:
    server.reply = answers(health(home="elsewhere"))
    [event] = lookout(server.port, Holder(12, "python3")).poll(starting())
    assert isinstance(event, ServicePortTaken)
    assert event.problem.id is ProblemId.API_OF_ANOTHER
    assert "Process 4711" in event.problem.message
    assert "OPENTHREAT_API_PORT" in event.problem.hint


def test_a_real_port_is_held_by_this_process(server: RawServer) -> None:
    holder = port_holder(server.port)
    assert holder is not None
    assert "(process " in str(holder)
    assert not port_is_free("127.0.0.1", server.port)
    assert port_is_free("127.0.0.1", free_port())


def test_the_own_api_that_answers_is_ready(server: RawServer) -> None:
    assert lookout(server.port).poll(started().state) == [ServiceReady(API)]


def test_an_api_without_a_database_lives_and_is_not_ready(server: RawServer) -> None:
    server.reply = answers(health(database={"state": "down", "message": "PostgreSQL does not answer"}))
    [event] = lookout(server.port).poll(started().state)
    assert isinstance(event, ServiceUnready)
    assert event.problem.message == "PostgreSQL does not answer"


def test_an_api_that_is_well_is_asked_for_its_health_only_now_and_then(server: RawServer) -> None:
    looks = lookout(server.port)
    for _ in range(6):
        looks.poll(started().state)
    assert [b"/live" in request for request in server.requests] == [False, True, True, True, True, False]


def test_an_api_that_is_not_well_is_asked_for_its_health_every_time(server: RawServer) -> None:
    looks, well = lookout(server.port), server.reply
    looks.poll(started().state)
    server.reply = answers(b"{}", "500 Internal Server Error")
    looks.poll(started().state)
    server.reply = well
    looks.poll(started().state)
    assert [b"/live" in request for request in server.requests] == [False, True, False]


def test_another_api_at_the_port_of_ours_is_no_sign_of_life(server: RawServer) -> None:
    server.reply = answers(health(instance="another"))
    [event] = lookout(server.port).poll(started().state)
    assert isinstance(event, ProbeFailed)


def test_nobody_looks_at_an_api_that_is_not_wanted() -> None:
    assert lookout(free_port()).poll(Supervision.of(plan())) == []


class BrokenStack(EmbeddedStack):
    def bring_up(self) -> None:
        raise StackUnavailable(problem(ProblemId.DOCKER_NOT_RUNNING))

    check = bring_up


def test_the_stack_is_brought_up_checked_and_taken_down_as_the_state_asks(home: Path) -> None:
    state = Supervision.of(plan())
    look = StackMonitor(EmbeddedStack(home)).poll
    assert list(look(state)) == []
    state, _ = reduce(state, StartRequested(), 0.0)
    assert list(look(state)) == [ServiceReady(STACK)]
    assert list(look(started().state)) == [ServiceReady(STACK)]
    state, _ = reduce(state, CloseRequested(), 0.0)
    assert list(look(state)) == [StackDown(STACK)]


def test_a_stack_that_is_away_says_why(home: Path) -> None:
    state, _ = reduce(Supervision.of(plan()), StartRequested(), 0.0)
    [event] = StackMonitor(BrokenStack(home)).poll(state)
    assert isinstance(event, ServiceUnready)
    assert event.problem.title == "Docker is not running"


def test_what_a_person_typed_is_sent_as_utf_8_whatever_it_is(server: RawServer) -> None:
    server.reply = answers(b"{}", "404 Not Found")
    with pytest.raises(ApiRefused):
        client_of(server).run("ä/\udcc3\udca4 ?")
    with pytest.raises(ApiRefused):
        client_of(server).vulnerabilities({"search": "\udcc3\udca4 x", "cwe": ["a", "\ud83d"], "page": 2})
    assert server.requests[0].startswith(b"GET /api/v1/tasks/%C3%A4%2F%C3%A4%20%3F HTTP/1.1")
    assert server.requests[1].startswith(b"GET /api/v1/vulnerabilities?search=%C3%A4+x&cwe=a&cwe=%3F&page=2 HTTP/1.1")


@pytest.mark.parametrize(
    ("status", "body", "temporary", "bad_input"),
    [
        ("503 Service Unavailable", OURS, True, False),
        ("503 Service Unavailable", b"{}", True, False),
        ("404 Not Found", b"<html>", True, False),
        ("404 Not Found", OURS, False, False),
        ("422 Unprocessable Content", OURS, False, True),
        ("414 URI Too Long", OURS, False, True),
    ],
)
def test_a_refusal_in_our_own_words_is_final_unless_it_says_not_now(
    server: RawServer, status: str, body: bytes, temporary: bool, bad_input: bool
) -> None:
    server.reply = answers(body, status)
    with pytest.raises(ApiRefused) as refused:
        client_of(server).run("1")
    assert (refused.value.temporary, refused.value.bad_input) == (temporary, bad_input)
    assert refused.value.hint


def test_where_nobody_answers_the_hint_is_that_of_who_asks() -> None:
    client = ApiClient(f"http://127.0.0.1:{free_port()}", hint="Start it.")
    with pytest.raises(ApiAbsent) as absent:
        client.health()
    assert (absent.value.hint, absent.value.temporary) == ("Start it.", True)
