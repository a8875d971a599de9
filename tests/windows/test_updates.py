"""The frozen program runs an update on the embedded stack, and on external servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.feed_cisa import EXPLOITED
from tests.fakes.feed_server import FeedServer
from tests.integration.replay.world import ReplayedWorld
from tests.servers import wait_until
from tests.windows.frozen import CONSOLE, Frozen, Running


def ends_cleanly(frozen: Frozen, up: Running) -> None:
    assert frozen.types(up.data, "down").code == 0
    assert up.ends() == 0
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")


def sources_of(up: Running) -> dict[str, str]:
    return {source["name"]: source["state"] for source in up.get("sources")["sources"]}


def test_an_update_on_the_embedded_stack(frozen: Frozen, data: Path, feeds: FeedServer) -> None:
    up = frozen.running(data, CONSOLE, "up", "--json", **feeds.environment())
    up.all_run()
    assert up.is_updated()["status"] == "SUCCESS", up.logs()
    assert set(sources_of(up).values()) == {"ok"}
    found = frozen.types(data, "search", "--exploited", "--json", **up.variables)
    assert {item["cve_id"] for item in json.loads(found.output)["items"]} == set(EXPLOITED), found.output
    ends_cleanly(frozen, up)


@pytest.mark.full
def test_an_update_on_servers_of_ones_own(
    frozen: Frozen, data: Path, feeds: FeedServer, postgres_url: str, redis_url: str
) -> None:
    servers = {"OPENTHREAT_STACK": "external", "DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    up = frozen.running(data, CONSOLE, "up", "--json", **feeds.environment(), **servers)
    up.all_run()
    assert up.is_updated()["status"] == "SUCCESS", up.logs()
    assert set(sources_of(up).values()) == {"ok"}
    assert not (data / "openthreat.db").exists()
    ends_cleanly(frozen, up)


@pytest.mark.full
def test_the_recorded_world(frozen: Frozen, data: Path, feed_world: Path) -> None:
    world = ReplayedWorld(feed_world, "2025-01-10T00:00:00", "--no-nvd-limit", "--years", "2023,2024")
    try:
        up = frozen.running(data, CONSOLE, "up", "--json", **world.environment)
        run = up.is_updated()
        print("\n", json.dumps(run["result"], indent=1))
        assert run["status"] == "SUCCESS", up.logs()
        assert up.get("stats")["total_vulnerabilities"] > 5000
        log = (data / "logs" / "worker-slow.log").read_text("utf-8", "replace")
        assert "shares the first load" in log
        assert "second process of the first load has ended" not in log
        ends_cleanly(frozen, up)
    finally:
        world.close()
