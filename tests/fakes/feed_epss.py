"""A fake of FIRST's table of scores with invented data."""

from __future__ import annotations

import gzip
from datetime import timedelta

from tests.fakes.feed_mitre import NUMBERS
from tests.fakes.feed_model import FeedRequest, Reply, Route, World, json_reply

DAY = timedelta(days=1)
UNREADABLE: list[dict[str, object]] = [
    {"epss": "high", "date": "2025-01-01"},
    {"epss": "7", "date": "2025-01-02"},
    {"epss": "nan", "date": "2025-01-03"},
    {"epss": "0.5", "percentile": "-1", "date": "2025-01-04"},
    {"date": 4},
    {"epss": "0.5"},
]


def invent(world: World) -> None:
    world.epss = {
        f"CVE-{number}": (round(0.9 / place, 5), round(1 - place / 40, 5))
        for place, number in enumerate(NUMBERS, start=1)
    }


def table(world: World, request: FeedRequest) -> Reply:
    lines = [f"#model_version:{world.epss_model},score_date:{world.at:%Y-%m-%dT%H:%M:%S}+0000", "cve,epss,percentile"]
    if request.fault != "empty":
        lines += [f"{cve_id},{score},{percentile}" for cve_id, (score, percentile) in world.epss.items()]
    if request.fault == "bad-record":
        lines.insert(4, "CVE-2024-10001,high,very")
    packed = gzip.compress("\n".join(lines).encode(), mtime=0)
    if request.fault == "bad-checksum":
        packed = packed[:-8] + bytes(4) + packed[-4:]
    return Reply(packed, "application/gzip", validated=True, ranges=True)


def series(world: World, request: FeedRequest) -> Reply:
    """The answer of FIRST's API with `scope=time-series`: the last three days, the newest first, numbers as text."""
    cve_id = request.query["cve"]
    score, percentile = world.epss.get(cve_id, (None, None))
    if score is None or request.query.get("scope") != "time-series":
        return json_reply({"status": "OK", "total": 0, "data": []})
    points: list[dict[str, object]] = [
        {"epss": f"{score / (ago + 1):.9f}", "percentile": str(percentile), "date": str((world.at - DAY * ago).date())}
        for ago in range(3)
    ]
    points += UNREADABLE if request.fault == "bad-record" else []
    return json_reply({"status": "OK", "total": 1, "data": [{"cve": cve_id, **points[0], "time-series": points[1:]}]})


ROUTES = [Route("epss", r"/epss_scores-current\.csv\.gz", table), Route("epss-api", r"/data/v1/epss", series)]
