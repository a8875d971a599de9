from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop.inventory.watch import InstallationWatcher
from tests.fakes.machine_registry import FakeMachineRegistry

TIMEOUT_S = 30


class Calls:
    def __init__(self) -> None:
        self.count, self._called = 0, threading.Semaphore(0)

    def __call__(self) -> None:
        self.count += 1
        self._called.release()

    def wait(self) -> bool:
        return self._called.acquire(timeout=TIMEOUT_S)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def registry() -> FakeMachineRegistry:
    return FakeMachineRegistry()


@pytest.fixture
def watcher(registry: FakeMachineRegistry, calls: Calls) -> Iterator[InstallationWatcher]:
    watcher = InstallationWatcher(registry, calls, settle_s=0.01)
    watcher.start()
    yield watcher
    watcher.stop()


@pytest.mark.usefixtures("watcher")
def test_each_installation_calls_back(registry: FakeMachineRegistry, calls: Calls) -> None:
    for _ in range(3):
        registry.watched.change()
        assert calls.wait()


def test_many_changes_at_once_call_back_once(registry: FakeMachineRegistry, calls: Calls) -> None:
    for _ in range(100):
        registry.watched.change()
    watcher = InstallationWatcher(registry, calls, settle_s=0.01)
    watcher.start()
    assert calls.wait()
    watcher.stop()
    assert calls.count == 1


def test_a_stop_while_an_installer_writes_does_not_call_back(registry: FakeMachineRegistry, calls: Calls) -> None:
    watcher = InstallationWatcher(registry, calls, settle_s=TIMEOUT_S)
    watcher.start()
    registry.watched.change()
    watcher.stop()
    assert calls.count == 0


def test_where_nothing_can_be_watched_that_is_logged(calls: Calls, caplog: pytest.LogCaptureFixture) -> None:
    watcher = InstallationWatcher(FakeMachineRegistry(watched=None), calls)
    watcher.start()
    watcher.stop()
    assert "daily scan" in caplog.text


def test_a_watch_that_fails_later_is_logged(
    registry: FakeMachineRegistry, calls: Calls, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(seconds: float | None = None) -> bool:
        raise OSError("gone")

    monkeypatch.setattr(registry.watched, "wait", fail)
    watcher = InstallationWatcher(registry, calls)
    watcher.start()
    watcher.stop()
    assert "until the next start: gone" in caplog.text
