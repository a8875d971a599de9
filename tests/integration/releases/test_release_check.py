"""The manifest is fetched over a real connection, with limits."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.settings import StackKind
from backend.network.access import NetworkAccess
from desktop.releases.check import Publisher, release_check
from desktop.releases.publication import ManifestAddress, Publication
from desktop.state.app_state import AppState, Release, StateStore
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from tests.fakes.web import RawServer, answers

SIGNING = runpy.run_path(str(Path(__file__).resolve().parents[3] / "resources" / "sign_release.py"))


def published_at(url: str, key: str) -> Publication:
    return Publication(
        "Example.Threats", "https://example.org/{version}", "https://example.org", ManifestAddress(url, key)
    )


def test_a_build_with_address_and_key_finds_what_was_published_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENTHREAT_RELEASE_KEY", str(tmp_path / "secret"))
    public, now = SIGNING["make_keys"](tmp_path / "secret"), datetime.now(UTC)
    document = SIGNING["signed_manifest"](published_at("https://example.org/latest.json", public), "99.0.1", now)
    store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED))
    with RawServer(answers(document.encode())) as server:
        built = published_at(server.base, public)
        check = release_check(built, tmp_path, NetworkAccess, store, pytest.fail, lambda: now)
        assert check is not None
        check.check()
    assert store.state.release is not None
    assert store.state.release.newer == Release("99.0.1", "https://example.org/99.0.1")


def test_what_it_says_is_read() -> None:
    with RawServer(answers(b"x" * 1000)) as server:
        assert Publisher(server.base, "", NetworkAccess).fetch() == b"x" * 1000


@pytest.mark.parametrize(
    ("size", "status", "message"),
    [(10, "404 Not Found", "404"), (10, "500 Internal Server Error", "500"), (70_000, "200 OK", "longer than")],
)
def test_a_refusal_or_an_endless_answer_is_an_error(size: int, status: str, message: str) -> None:
    with RawServer(answers(b"x" * size, status)) as server, pytest.raises(OSError, match=message):
        Publisher(server.base, "", NetworkAccess).fetch()


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(OSError, match="refused"):
        Publisher("http://127.0.0.1:9/", "", NetworkAccess).fetch()


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "file:///etc/passwd", "nonsense"])
def test_an_address_that_others_could_listen_to_is_not_asked(url: str) -> None:
    with pytest.raises(OSError, match="https"):
        Publisher(url, "", NetworkAccess).fetch()
