"""The manifest is fetched over a real connection, with limits."""

from __future__ import annotations

import pytest

from backend.network.access import NetworkAccess
from desktop.releases.check import Publisher
from tests.fakes.web import RawServer, answers


def test_what_it_says_is_read() -> None:
    with RawServer(answers(b"x" * 1000)) as server:
        assert Publisher(server.base, "", NetworkAccess).fetch() == b"x" * 1000


@pytest.mark.parametrize(
    ("size", "status", "said"),
    [(10, "404 Not Found", "404"), (10, "500 Internal Server Error", "500"), (70_000, "200 OK", "longer than")],
)
def test_a_refusal_or_an_endless_answer_is_an_error(size: int, status: str, said: str) -> None:
    with RawServer(answers(b"x" * size, status)) as server, pytest.raises(OSError, match=said):
        Publisher(server.base, "", NetworkAccess).fetch()


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(OSError, match="refused"):
        Publisher("http://127.0.0.1:9/", "", NetworkAccess).fetch()


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "nonsense"])
def test_an_address_that_others_could_listen_to_is_not_asked(url: str) -> None:
    with pytest.raises(OSError, match="https"):
        Publisher(url, "", NetworkAccess).fetch()
