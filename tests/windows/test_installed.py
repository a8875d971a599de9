"""The real program, installed: an upgrade continues an update, and the uninstallation removes everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.contract.version import VERSION
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen, Running
from tests.windows.installing import DONE, Packaging, User, make_setup, user_named

pytestmark = pytest.mark.full

NEXT = "99.0.0"


@pytest.fixture(scope="module")
def setups(frozen: Frozen, packaging: Packaging) -> dict[str, Path]:
    """The built program, and the same with a newer version number."""
    assert packaging.ended().code == 0
    newer = frozen.machine.folder / f"OpenThreat-{NEXT}-setup.exe"
    return {VERSION: packaging.setup, NEXT: make_setup(frozen.folder, NEXT, newer, frozen.icon)}


@pytest.fixture
def user(frozen: Frozen) -> Iterator[User]:
    log = frozen.machine.folder / "installed.txt"
    log.unlink(missing_ok=True)
    with user_named(frozen.machine, "Jürgen Müller", log) as somebody:
        yield somebody
    print("\n", log.read_text(encoding="utf-8"), sep="")


class Installed(Frozen):
    """The same, where the user has it."""

    def __init__(self, frozen: Frozen, user: User) -> None:
        super().__init__(frozen.machine, frozen.build_output)
        self.folder = user.folder


def runs_of(up: Running) -> list[dict[str, Any]]:
    """Runs, newest first; empty while the API does not answer."""
    try:
        answer = requests.get(f"{up.api}/tasks?page_size=50", timeout=10)
        return [run for run in answer.json()["items"] if "update" in run["name"] and "stats" not in run["name"]]
    except (requests.RequestException, KeyError):
        return []


def test_an_update_goes_on_over_an_upgrade_and_the_uninstallation_leaves_the_data(
    frozen: Frozen, user: User, setups: dict[str, Path], feeds: FeedServer
) -> None:
    user.write_down("before")
    registry = user.registry()
    feeds.faults["mitre"] = "slow:20"
    assert user.installs(setups[VERSION]) == DONE
    user.write_down(f"after the installation of {VERSION}")
    user.data.mkdir(exist_ok=True)
    installed = Installed(frozen, user)
    up = installed.running(user.data, WINDOWED, "tray", "--hidden", **feeds.environment())
    up.waits(lambda: feeds.count("mitre") > 0, "an update has begun")
    old = up.main_process().pid

    feeds.faults.clear()
    assert user.installs(setups[NEXT], **up.variables) == DONE, user.reason()
    user.write_down(f"after the upgrade to {NEXT} during an update")
    assert up.ends() == 0
    assert user.entry("DisplayVersion") == NEXT
    wait_until(lambda: any(run["status"] == "SUCCESS" for run in runs_of(up)), "the update went on", 300)
    assert up.main_process().pid != old
    assert "FAILURE" not in {run["status"] for run in runs_of(up)}

    user.uninstalls(**up.variables)
    user.write_down("after the uninstallation under a running copy")
    assert installed.processes() == []
    assert not user.folder.exists()
    assert (user.data / "openthreat.db").exists()
    assert user.registry() == registry
