"""A made-up program with one flaw, which the feeds state first, and list as exploited a week later."""

from __future__ import annotations

from datetime import timedelta

from tests.fakes import feed_cisa, feed_nvd
from tests.fakes.feed_model import World

NAME, PUBLISHER = "Acmesoft Rocket", "Acmesoft"
AFFECTED, FIXED = "1.0", "2.0"
FLAW = "CVE-2024-61000"
_CPE = "cpe:2.3:a:acmesoft:rocket:*:*:*:*:*:*:*:*"
_MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"


def entry(version: str) -> dict[str, str]:
    """The program in an inventory."""
    return {"name": NAME, "publisher": PUBLISHER, "version": version}


def add_flaw(world: World) -> None:
    match = {"vulnerable": True, "criteria": _CPE, "versionEndExcluding": FIXED}
    feed_nvd.change(
        world,
        FLAW,
        world.at,
        configurations=[{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [match]}]}],
        metrics={"cvssMetricV31": [feed_nvd.cvss(score=5.3, vector=_MEDIUM)]},
    )


def become_exploited(world: World) -> None:
    """Let a week pass, in which CISA lists the flaw."""
    world.at += timedelta(days=7)
    day, due = (f"{world.at + timedelta(days=days):%Y-%m-%d}" for days in (0, 21))
    world.kev.append(feed_cisa.entry(FLAW, dateAdded=day, dueDate=due, vendorProject="Acmesoft", product="Rocket"))
