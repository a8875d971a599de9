"""A first load shared by real processes: equal to one alone, and neither outlives or stops the other."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backend.config import load_settings
from backend.connectors.connector import RawRecord
from backend.connectors.mitre import baseline
from backend.connectors.nvd import cursor
from backend.contract.errors import RunCancelled
from backend.contract.names import Role, Source
from backend.domain.claims import Feed
from backend.services.bundle import create
from backend.services.bundle.bundle_file import open_bundle
from backend.services.bundle.load import load_bundle
from backend.services.update import peer
from backend.services.update.page import PagePart
from backend.services.update.peer import PeerProcess
from backend.services.update.peer_messages import PageDone, PageTask, Ready
from backend.services.update.update import run_update
from backend.store.engine import Database
from backend.store.repositories.runs import Lease
from backend.system.program import own_program
from tests.fakes.claimed_run import claimed_run
from tests.fakes.feed_server import FeedServer
from tests.integration.replay.world import digest_of
from tests.servers import wait_until

ROOT = Path(__file__).resolve().parents[3]
LOAD = [*own_program(), Role.LOAD]


class WatchedPeer(PeerProcess):
    """A peer that is ready at once and counts its pages. then: is called after its first page."""

    def __init__(self, then: Callable[[WatchedPeer], None] = lambda _: None) -> None:
        self.pages, self._then, self._is_ready = 0, then, threading.Event()
        super().__init__(LOAD)
        assert self._is_ready.wait(120)

    def _note(self, answer: Ready | PageDone) -> None:
        if isinstance(answer, PageDone):
            self.pages += 1
            self._then(self)
        super()._note(answer)
        self._is_ready.set()


def killed(peer: PeerProcess) -> None:
    psutil.Process(peer.pid).kill()


@pytest.fixture
def feeds(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    monkeypatch.setattr(cursor, "RECORDS", 2)
    monkeypatch.setattr(baseline, "PAGE", 2)
    monkeypatch.setattr(peer, "usable_cores", lambda: 2)
    with FeedServer() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def database(database_url: str, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def alone(tmp_path: Path, feeds: FeedServer) -> Iterator[dict[str, str]]:
    """The digests of a load without a peer."""
    database = Database(f"sqlite:///{tmp_path / 'alone.db'}")
    database.prepare()
    run_update(load_settings(), database, claimed_run(database))
    yield digest_of(database)
    database.close()


def test_a_shared_load_ends_as_one_alone_and_the_peer_ends_with_it(
    database: Database, alone: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        shared = WatchedPeer()
    assert f"process {shared.pid} shares the first load" in caplog.text
    result = run_update(load_settings(), database, claimed_run(database), start_peer=lambda: shared)
    assert result["status"] == "ok"
    assert digest_of(database) == alone
    assert shared.pages
    assert not psutil.pid_exists(shared.pid)


def test_when_the_peer_is_killed_the_worker_goes_on_alone_and_says_so(
    database: Database, alone: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    shared = WatchedPeer(killed)
    with caplog.at_level(logging.WARNING):
        result = run_update(load_settings(), database, claimed_run(database), start_peer=lambda: shared)
    assert result["status"] == "ok"
    assert digest_of(database) == alone
    assert "the second process of the first load has ended" in caplog.text


@pytest.mark.parametrize("then", [lambda _: None, killed], ids=["to its end", "killed"])
def test_a_bundle_loaded_by_two_processes_ends_as_its_database(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: Callable[[WatchedPeer], None]
) -> None:
    monkeypatch.setattr(create, "PORTION", 2)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.prepare()
    run_update(load_settings(), other, claimed_run(other))
    path = tmp_path / "all.otbundle"
    path.write_bytes(b"".join(create.create_bundle(other)))
    expected = digest_of(other)
    other.close()
    shared = WatchedPeer(then)
    with open_bundle(path) as bundle:
        result = load_bundle(load_settings(), database, claimed_run(database), bundle, start_peer=lambda: shared)
    assert result["status"] == "ok"
    assert digest_of(database) == expected
    assert shared.pages
    assert not psutil.pid_exists(shared.pid)


def test_a_peer_that_cannot_start_is_done_without(
    database: Database, alone: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peer, "own_program", lambda: [str(tmp_path / "no program")])
    assert run_update(load_settings(), database, claimed_run(database), start_peer=peer.start_peer)["status"] == "ok"
    assert digest_of(database) == alone


def test_on_one_core_there_is_no_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "usable_cores", lambda: 1)
    assert peer.start_peer() is None


def test_the_peer_writes_nothing_for_a_run_that_another_worker_took_over(database: Database) -> None:
    lease = claimed_run(database).lease
    record = RawRecord("CVE-2024-1000", b"{}", "CVE-2024-1000")
    parts = [PagePart(Feed.NVD, 1, [record])]
    task = PageTask(1, Source.NVD, parts, None, Lease(lease.task_id, lease.attempt + 1, "another"))
    shared = WatchedPeer()
    shared.offer(task)
    wait_until(lambda: shared.take_back(leaving=0) == task, "the peer ends and leaves its page", 120)
    assert shared.done() == []
    assert shared._process.wait(30) > 0, "it ends with an exit code, and is not aborted"
    shared.close()


def test_a_cancelled_run_ends_its_peer_and_the_next_one_ends_the_same(
    database: Database, alone: dict[str, str]
) -> None:
    run = claimed_run(database)
    shared = WatchedPeer(lambda _: run.cancel())
    with pytest.raises(RunCancelled):
        run_update(load_settings(), database, run, start_peer=lambda: shared)
    assert not psutil.pid_exists(shared.pid)
    run_update(load_settings(), database, claimed_run(database), start_peer=WatchedPeer)
    assert digest_of(database) == alone


def test_a_killed_worker_takes_its_peer_along(
    database: Database, database_url: str, feeds: FeedServer, alone: dict[str, str]
) -> None:
    feeds.faults["nvd_feeds"] = "gated"
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.peer.child"],
        env=os.environ | {"UPDATE_DATABASE": database_url, "PYTHONUTF8": "1"},
        cwd=ROOT,
    )
    worker = psutil.Process(child.pid)
    wait_until(lambda: feeds.count("nvd_feeds") > 0 and len(worker.children()) == 1, "the worker has a peer", 120)
    (peer_of_it,) = worker.children()
    child.kill()
    child.wait()
    wait_until(lambda: not peer_of_it.is_running() or peer_of_it.status() == psutil.STATUS_ZOMBIE, "it has ended", 60)
    feeds.faults.clear()
    feeds.gate.release()
    run_update(load_settings(), database, claimed_run(database), start_peer=WatchedPeer)
    assert digest_of(database) == alone
