"""Two trays of a team on one PostgreSQL and Redis, each on a screen of its own: what both show, and what only one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from backend.contract.names import TaskName
from tests.fakes import rocket
from tests.fakes.feed_server import FeedServer
from tests.servers import wait_until
from tests.system.screen import Screen
from tests.system.test_story import Story
from tests.system.test_tray_on_screen import TrayOnScreen
from tests.system.tray import UPDATE_S, notified, shows

pytestmark = [
    pytest.mark.full,
    pytest.mark.servers,
    pytest.mark.skipif(sys.platform == "win32", reason="a virtual screen needs an X server"),
]


class Colleague(Story):
    """A desktop with a data folder and a screen of its own, and the servers of the team."""

    def __init__(self, home: Path, screen: Screen, feeds: FeedServer, servers: dict[str, str]) -> None:
        home.mkdir(exist_ok=True)
        self.feeds, self.scenes = feeds, list[Path]()
        variables = {**feeds.environment(), **servers, "OPENTHREAT_HOME": str(home)}
        TrayOnScreen.__init__(self, home, screen, variables, "--hidden")

    def updates(self) -> int:
        return int(self.get("/tasks", name=TaskName.UPDATE).get("total", 0))


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        rocket.add_flaw(server.world)
        yield server


@pytest.fixture
def team(home: Path, feeds: FeedServer, postgres_url: str, redis_url: str) -> Iterator[tuple[Colleague, Colleague]]:
    servers = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    screens = Screen(), Screen()
    ann, bob = (
        Colleague(home / name, screen, feeds, servers) for name, screen in zip(("ann", "bob"), screens, strict=True)
    )
    yield ann, bob
    for colleague in (ann, bob):
        colleague.close()
    for screen in screens:
        screen.close()


def test_what_concerns_one_pc_its_tray_tells_and_both_show_the_decision(team: tuple[Colleague, Colleague]) -> None:
    ann, bob = team
    for colleague in team:
        colleague.updated(1)
    assert ann.updates() == bob.updates() == 1, "both have started on an empty database"
    ann.install(rocket.AFFECTED)
    rocket.become_exploited(ann.feeds.world)
    requests.post(f"{bob.api}/tasks/update-vulnerabilities", timeout=10).raise_for_status()
    ann.sees("its icon calls for attention", lambda view: view["standing"] == "attention", UPDATE_S)
    assert len(bob.get("/inbox", scope="mine", unread="true")["items"]) == 1
    bob.sees("nothing of it is bob's", lambda view: view["standing"] == "well" and not notified(view), UPDATE_S)
    wait_until(lambda: not ann.screen.has_notification(), "no balloon stands before the icon", 60)
    ann.screen.click_icon()
    ann.sees("the event", lambda view: view["page"] == "inbox" and shows(view, "is being exploited"))
    ann.screen.press("e")
    for colleague in team:
        colleague.sees("all is well", lambda view: view["standing"] == "well")
        assert [finding["state"] for finding in colleague.findings()] == ["acknowledged"]
    (event,) = bob.get(f"/findings/{bob.findings()[0]['id']}")["history"]
    assert (event["state"], bool(event["by"]["machine"])) == ("acknowledged", True)
