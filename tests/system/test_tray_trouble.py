"""What the tray program shows when a service of it hangs: real processes, and a window that nobody sees."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.feed_server import FeedServer
from tests.system.tray import Tray, says

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def tray(home: Path, feeds: FeedServer) -> Iterator[Tray]:
    running = Tray(home, {"OPENTHREAT_STACK": "embedded", **feeds.environment()})
    yield running
    running.close()


def test_what_a_hung_api_said_last_is_marked_as_old_until_another_one_answers(tray: Tray) -> None:
    tray.sees("the first update is done", lambda seen: seen["standing"] == "well", 120)
    os.kill(tray.services()["api"]["pid"], signal.SIGSTOP)
    told = tray.sees("it is said to be old", lambda seen: says(seen, "What you see is as of today, "))
    assert says(told, "The program's own API is not answering")
    tray.sees("another API answers", lambda seen: not says(seen, "What you see is as of"))
    tray.quits()
