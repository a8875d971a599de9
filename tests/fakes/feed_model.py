"""The parts shared by the fake feeds: the invented world, requests, answers and routes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

Json = dict[str, Any]


@dataclass
class World:
    """The invented data. at: its current time. The records are JSON objects in the services' own formats."""

    at: datetime = datetime(2025, 1, 10, tzinfo=UTC)
    kev: list[Json] = field(default_factory=list)
    epss: dict[str, tuple[float, float]] = field(default_factory=dict)  # CVE id -> probability, percentile
    epss_model: str = "v2025.03.14"
    mitre: dict[str, Json] = field(default_factory=dict)
    mitre_commits: list[Json] = field(default_factory=list)  # newest first, as in the change log
    nvd: dict[str, Json] = field(default_factory=dict)
    euvd: list[Json] = field(default_factory=list)

    def stamp(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class FeedRequest:
    """One request; `source` and `fault` are set by the matching route."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    source: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Reply:
    """One answer. validated: has an ETag and may become 304; ranges: supports range requests."""

    body: bytes
    kind: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validated: bool = False
    ranges: bool = False


class Route(NamedTuple):
    source: str
    pattern: str  # matches the whole path; its groups become arguments
    answer: Callable[..., Reply]


def json_reply(value: object, **more: Any) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode(), **more)
