"""A fake of FIRST's table of scores with invented data."""

from __future__ import annotations

import gzip

from tests.fakes.feed_mitre import NUMBERS
from tests.fakes.feed_model import Asked, Reply, Route, World


def invent(world: World) -> None:
    world.epss = {
        f"CVE-{number}": (round(0.9 / place, 5), round(1 - place / 40, 5))
        for place, number in enumerate(NUMBERS, start=1)
    }


def table(world: World, asked: Asked) -> Reply:
    lines = [f"#model_version:{world.epss_model},score_date:{world.at:%Y-%m-%dT%H:%M:%S}+0000", "cve,epss,percentile"]
    if asked.fault != "empty":
        lines += [f"{cve_id},{score},{percentile}" for cve_id, (score, percentile) in world.epss.items()]
    if asked.fault == "bad-record":
        lines.insert(4, "CVE-2024-10001,high,very")
    packed = gzip.compress("\n".join(lines).encode(), mtime=0)
    if asked.fault == "bad-checksum":
        packed = packed[:-8] + bytes(4) + packed[-4:]
    return Reply(packed, "application/gzip", validated=True, ranges=True)


ROUTES = [Route("epss", r"/epss_scores-current\.csv\.gz", table)]
