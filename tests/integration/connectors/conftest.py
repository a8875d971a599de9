from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.config import Settings, load_settings
from backend.connectors.http import Http
from backend.network.access import NetworkAccess
from tests.fakes.feed_server import FeedServer
from tests.fakes.watch import CountingWatch


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def settings(home: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with the addresses of the fake feeds."""
    for name, value in feeds.environment().items():
        monkeypatch.setenv(name, value)
    return load_settings()


@pytest.fixture
def watch() -> CountingWatch:
    return CountingWatch()


def impatient(watch: CountingWatch, settings: Settings, source: str) -> Http:
    """The client of a connector with a very short read timeout."""
    return Http(watch, settings.cache_folder, source=source, network=NetworkAccess(), timeout=(5, 1.0))
