"""External servers, reachable or not."""

import pytest

from desktop.stack import StackUnavailable
from desktop.stack.external import ExternalServer, ExternalStack, server_of
from tests.fakes.web import RawServer, answers
from tests.servers import free_port


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://someone:secret@db.example/threats", ("db.example", 5432)),
        ("postgresql+psycopg2://db.example:6543/threats", ("db.example", 6543)),
        ("rediss://:secret@cache.example", ("cache.example", 6379)),
        ("redis://[::1]:6380/0", ("::1", 6380)),
    ],
)
def test_the_place_is_read_from_the_address(url: str, place: tuple[str, int]) -> None:
    server = server_of("It", "VARIABLE", url)
    assert server is not None
    assert (server.host, server.port) == place


@pytest.mark.parametrize(
    "url",
    ["postgresql:///threats?host=/run/postgresql", "unix:///run/redis.sock", "sqlite:////tmp/x", "redis://a:port"],
)
def test_an_address_without_a_network_place_is_left_to_the_driver(url: str) -> None:
    assert server_of("It", "VARIABLE", url) is None


def test_a_server_that_listens_is_reached() -> None:
    with RawServer(answers(b"")) as listening:
        ExternalStack([ExternalServer("PostgreSQL", "DATABASE_URL", "127.0.0.1", listening.port)]).bring_up()


def test_a_server_that_is_away_is_named_with_where_it_is_set() -> None:
    port = free_port()
    with pytest.raises(StackUnavailable) as away:
        ExternalStack([ExternalServer("Redis", "REDIS_URL", "127.0.0.1", port)]).check()
    problem = away.value.problem
    assert problem.title == "Redis cannot be reached"
    assert f"127.0.0.1:{port}" in problem.message
    assert "REDIS_URL" in problem.hint


def test_a_name_that_nobody_knows_is_a_stack_that_is_away() -> None:
    with pytest.raises(StackUnavailable):
        ExternalStack([ExternalServer("PostgreSQL", "DATABASE_URL", "no-such-host.invalid", 5432)]).check()
