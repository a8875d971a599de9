"""EPSS's scores: one row for each year of CVE ids, with the numbers and scores of its ids as sorted arrays.

A row for each of 340,000 ids would take ten times the space, and most of them change every day. Scores also wait here
for ids that no other source has yet.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from backend.domain.canonical import is_cve_id, sort_key
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.store.compression import Compressor, damaged, decompress
from backend.store.dialects.bulk import upsert
from backend.store.tables import epss_years

SCALE = 10**9
"""Scores are stored as integers: every decimal fraction of up to nine digits comes back as the same float."""
_UNKNOWN = 2**32 - 1
_YEAR = epss_years.c


class EpssScore(NamedTuple):
    """Probability and percentile in units of 1 / SCALE."""

    epss: int
    percentile: int | None

    @classmethod
    def of(cls, claim: Claim) -> EpssScore | None:
        """The score of EPSS's claim; None if it states none."""
        if claim.epss is None:
            return None
        percentile = claim.epss_percentile
        return cls(round(claim.epss * SCALE), None if percentile is None else round(percentile * SCALE))

    def claim(self) -> Claim:
        percentile = None if self.percentile is None else self.percentile / SCALE
        return Claim(epss=self.epss / SCALE, epss_percentile=percentile)


Scores = Mapping[int, EpssScore]
"""The scores of one year by the numbers of the CVE ids."""


def place_of(cve_id: str) -> tuple[int, int] | None:
    """The year and number of a CVE id, by which its score is stored; None for any other text."""
    if not is_cve_id(cve_id):
        return None
    year, number = sort_key(cve_id)
    return (year, number) if cve_id == cve_id_at(year, number) else None


def cve_id_at(year: int, number: int) -> str:
    return f"CVE-{year}-{number:04}"


def epss_record(cve_id: str, claim: Claim) -> SourceRecord:
    return SourceRecord(Feed.EPSS, cve_id, cve_id, claim)


class EpssRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def records_of(self, vulnerability_ids: Collection[str]) -> dict[str, SourceRecord]:
        """EPSS's records of these vulnerabilities; those without a score are absent."""
        numbers: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for name in vulnerability_ids:
            if place := place_of(name):
                numbers[place[0]].append((place[1], name))
        found = {}
        for year, wanted in numbers.items():
            table = self._table(year)
            for number, name in wanted:
                if (score := table.get(number)) is not None:
                    found[name] = epss_record(name, score.claim())
        return found

    def years(self) -> list[int]:
        return list(self._connection.execute(select(_YEAR.year).order_by(_YEAR.year)).scalars())

    def scores(self, year: int) -> dict[int, EpssScore]:
        return dict(self._table(year))

    def put(self, year: int, scores: Scores) -> None:
        """Replace all scores of a year."""
        if not scores:
            self._connection.execute(delete(epss_years).where(_YEAR.year == year))
            return
        body = ScoreTable.of(scores).encode()
        statement = upsert(self._connection, epss_years).values(year=year, scores=body)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["year"], set_={"scores": body}))

    def _table(self, year: int) -> ScoreTable:
        body = self._connection.execute(select(_YEAR.scores).where(_YEAR.year == year)).scalar()
        return ScoreTable.decode(body) if body else ScoreTable()


class ScoreTable:
    """Scores of one year by the numbers of the CVE ids, in 16 bytes each.

    In bytes: numbers, scores and percentiles one after the other, little-endian.
    """

    _CODES = ("Q", "I", "I")  # 8, 4 and 4 bytes; the longest numbers have 19 digits

    def __init__(self, columns: tuple[array[int], ...] | None = None) -> None:
        self._numbers, self._scores, self._percentiles = columns or tuple(array(code) for code in self._CODES)

    @classmethod
    def of(cls, scores: Scores) -> ScoreTable:
        """Return a table in the order of the numbers."""
        table = cls()
        for number in sorted(scores):
            table.append(number, scores[number])
        return table

    def append(self, number: int, score: EpssScore) -> None:
        self._numbers.append(number)
        self._scores.append(score.epss)
        self._percentiles.append(_UNKNOWN if score.percentile is None else score.percentile)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[tuple[int, EpssScore]]:
        for number, epss, percentile in zip(self._numbers, self._scores, self._percentiles, strict=True):
            yield number, EpssScore(epss, None if percentile == _UNKNOWN else percentile)

    def get(self, number: int) -> EpssScore | None:
        """The score of a number, in a table in their order."""
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            return None
        percentile = self._percentiles[at]
        return EpssScore(self._scores[at], None if percentile == _UNKNOWN else percentile)

    def encode(self) -> bytes:
        columns = (self._numbers, self._scores, self._percentiles)
        return Compressor(None).compress(b"".join(_little_endian(column).tobytes() for column in columns))

    @classmethod
    def decode(cls, body: bytes) -> ScoreTable:
        content = decompress(body)
        count, rest = divmod(len(content), sum(array(code).itemsize for code in cls._CODES))
        if rest:
            raise damaged("a year of EPSS scores is incomplete")
        columns, start = [], 0
        for code in cls._CODES:
            column = array(code)
            end = start + count * column.itemsize
            column.frombytes(content[start:end])
            columns.append(_little_endian(column))
            start = end
        return cls(tuple(columns))


def _little_endian(column: array[int]) -> array[int]:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column
