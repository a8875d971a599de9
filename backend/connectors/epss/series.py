"""The scores of one vulnerability in the last 30 days, from FIRST's API, when a person asks for them.

https://www.first.org/epss/api: `scope=time-series` gives a score for each day, all numbers as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from backend.config import Settings
from backend.connectors.addresses import EPSS_API, base_address
from backend.connectors.connector import Unwatched
from backend.connectors.http import Http
from backend.contract.record_details import EpssPoint

TIMEOUT = 5.0, 20.0  # seconds to connect, to answer: the user waits
_LARGEST_ANSWER = 2**20  # bytes; 30 days take 3,000


class _Point(msgspec.Struct):
    date: str = ""
    epss: str = ""
    percentile: str = ""


class _Series(_Point):
    cve: str = ""
    series: list[_Point] = msgspec.field(default_factory=list, name="time-series")


class _Answer(msgspec.Struct):
    data: list[_Series]


class EpssSeries:
    def __init__(self, settings: Settings) -> None:
        self._base = settings.epss_url
        self._http = Http(
            Unwatched(),
            settings.cache_folder,
            source="EPSS",
            network=settings.network,
            tries=1,
            timeout=TIMEOUT,
        )

    def points(self, cve_id: str) -> tuple[EpssPoint, ...]:
        """The scores of one CVE id, the oldest first; none for an id that FIRST does not know.

        Raises:
            SourceError: FIRST cannot be reached, or its answer is not valid.
        """
        params = {"cve": cve_id, "scope": "time-series"}
        answer = self._http.get(base_address(self._base, EPSS_API), params=params, max_bytes=_LARGEST_ANSWER)
        own = [series for series in self._http.decoded(answer.body, _Answer).data if series.cve == cve_id]
        found = {point.day: point for series in own for point in _readable([*series.series, series])}
        return tuple(found[day] for day in sorted(found))


def _readable(points: Iterable[_Point]) -> Iterator[EpssPoint]:
    """The points without those that are no score of a day."""
    for point in points:
        try:
            day, epss = date.fromisoformat(point.date), float(point.epss)
            percentile = float(point.percentile) if point.percentile else None
        except ValueError:
            continue
        if 0 <= epss <= 1 and (percentile is None or 0 <= percentile <= 1):
            yield EpssPoint(day=day, epss=epss, percentile=percentile)
