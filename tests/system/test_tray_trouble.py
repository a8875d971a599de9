"""Problems that the tray program shows, with real processes and a hidden window."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.running import NOWHERE, SOURCES, alive
from tests.system.tray import Tray, notified, shows

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


GOOD = 'version = 1\nstack = "embedded"\n'


@pytest.fixture
def services_page(home: Path) -> None:
    """Save the services page as the one on which the window opens with the program."""
    (home / "window.ini").write_text("[window]\npage=services\n", encoding="utf-8")


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
    tray.sees("the first update is done", lambda view: view.get("standing") == "well", 120)
    os.kill(tray.services()["api"]["pid"], signal.SIGSTOP)
    view = tray.sees("it is marked as old", lambda view: shows(view, "What you see is as of today, "))
    assert shows(view, "The program's own API is not answering")
    tray.sees("another API answers", lambda view: not shows(view, "What you see is as of"))
    tray.quits()


@pytest.mark.usefixtures("services_page")
def test_a_service_that_dies_is_started_again_silently_and_after_five_times_given_up_with_one_notification(
    home: Path, tray: Tray
) -> None:
    tray.sees("the first update is done", lambda view: view.get("standing") == "well", 120)
    pids = {name: service["pid"] for name, service in tray.services().items() if service["pid"]}
    for starts in range(2, 6):
        _die(tray, "beat")
        wait_until(lambda: tray.services().get("beat", {}).get("phase") == "running", "beat runs again", 60)
        wait_until(lambda: _log(home, "beat").count("Starting") == starts, "it has written what its problem quotes", 60)  # noqa: B023
    assert notified(tray.view()) == []
    _die(tray, "beat")
    view = tray.sees("a notification is shown", lambda view: bool(notified(view)))
    assert notified(view) == ["The Schedule service keeps failing"]
    assert view["standing"] == "failed"
    assert shows(view, "The Schedule service keeps failing")
    assert shows(view, "It ended 5 times within 10 minutes")
    problem = tray.services()["beat"]["problem"]
    assert "beat" in problem["details"]
    assert problem["remedies"] == ["open-log", "try-again"]
    assert _log(home, "supervisor").count("The Schedule service keeps failing") == 1
    del pids["beat"]
    assert alive(set(pids.values())) == set(pids.values())
    tray.quits()


@pytest.mark.parametrize(
    ("damaged", "reason", "writable"),
    [
        ("stack = ", "Invalid value", True),
        ('version = 99\nstack = "docker"\n', "version 99 of a newer program", False),
    ],
    ids=["cut off", "of a newer version, and nothing can be put aside"],
)
def test_settings_that_cannot_be_used_give_way_to_the_last_good_ones_and_that_is_said(
    home: Path, damaged: str, reason: str, writable: bool
) -> None:
    (home / "settings.last-good.toml").write_text(GOOD, encoding="utf-8")
    (home / "settings.toml").write_text(damaged, encoding="utf-8")
    if not writable:  # root, who runs tests in containers, may write everywhere; but not over a folder
        (home / "settings.damaged.toml").mkdir()
    tray = Tray(home, {f"OPENTHREAT_{source}_URL": NOWHERE for source in SOURCES})
    try:
        view = tray.sees("the problem is shown", lambda view: shows(view, "The settings file was damaged"))
        assert shows(view, reason)
        assert shows(view, "the last valid settings are used")
        assert shows(view, "kept as settings.damaged.toml" if writable else "cannot be moved")
        wait_until(lambda: tray.services().get("api", {}).get("phase") == "running", "the services run with them", 60)
        damaged_file, used = ("settings.damaged.toml", GOOD) if writable else ("settings.toml", damaged)
        assert (home / damaged_file).read_text(encoding="utf-8") == damaged
        assert (home / "settings.toml").read_text(encoding="utf-8") == used
        tray.quits()
    finally:
        tray.close()


def _die(tray: Tray, name: str) -> None:
    pid = tray.services()[name]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: tray.services().get(name, {"pid": pid})["pid"] != pid, f"the death of {name} is seen")


def _log(home: Path, name: str) -> str:
    return (home / "logs" / f"{name}.log").read_text(encoding="utf-8")
