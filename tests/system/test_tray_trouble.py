"""What the tray program shows when a service of it hangs: real processes, and a window that nobody sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.application.control import ask
from desktop.model.trouble import DesktopError
from tests.fakes.feed_server import FeedServer
from tests.servers import free_port, wait_until
from tests.system.running import Up

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


def asked(home: Path, command: str) -> dict[str, Any]:
    try:
        return dict(ask(home, command))
    except DesktopError:
        return {}


def shown(home: Path) -> str:
    return "\n".join(map(str, asked(home, "view").get("texts", [])))


def test_what_a_hung_api_said_last_is_marked_as_old_until_another_one_answers(home: Path) -> None:
    here = {"OPENTHREAT_API_PORT": str(free_port()), "OPENTHREAT_STACK": "embedded", "QT_QPA_PLATFORM": "offscreen"}
    with FeedServer() as feeds:
        tray = subprocess.Popen(Up.command("tray"), env={**os.environ, **here, **feeds.environment()})
        try:
            wait_until(lambda: asked(home, "view").get("standing") == "well", "the first update is done", seconds=120)
            [api] = [one["pid"] for one in asked(home, "status")["services"] if one["name"] == "api"]
            os.kill(api, signal.SIGSTOP)
            wait_until(lambda: "What you see is as of today, " in shown(home), "it is said to be old", seconds=60)
            assert "The program's own API is not answering" in shown(home)
            wait_until(lambda: "What you see is as of" not in shown(home), "another API answers", seconds=60)
            assert asked(home, "quit") == {"closing": True}
            assert tray.wait(30) == 0
        finally:
            tray.kill()
            tray.wait()
