"""Reading of a source into a dictionary by the rules of the ingest, stopping after any page as after a kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backend.config import Settings
from backend.connectors.connector import Connector, ParseError, RecordPage, RecordProblem
from backend.contract.errors import SourceError
from backend.domain.claims import Claim, Feed
from tests.fakes.watch import CountingWatch


class PatientWatch(CountingWatch):
    """A watch that waits by advancing its own clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.now += seconds


@dataclass
class Reading:
    """The state that a database would have: claims by feed, key and vulnerability, and the last page's cursor.

    doubted: feeds of which no complete listing is accepted.
    """

    connect: Callable[[], Connector]
    cursor: bytes | None = None
    claims: dict[tuple[Feed, str, str], Claim] = field(default_factory=dict)
    problems: list[RecordProblem] = field(default_factory=list)
    pages: int = 0
    doubted: set[Feed] = field(default_factory=set)
    _made_from: dict[tuple[Feed, str], list[tuple[Feed, str, str]]] = field(default_factory=dict)

    def update(self, at_most: int | None = None) -> int:
        """Read all pages, or `at_most` as if killed then, and return their number."""
        connector, before, listed = self.connect(), self.pages, set[tuple[Feed, str, str]]()
        for page in islice(connector.pages(self.cursor, lambda feed, ids: {}), at_most):
            self._ingest(connector, page, listed)
        return self.pages - before

    def fails(self) -> SourceError:
        try:
            self.update()
        except SourceError as error:
            return error
        raise AssertionError("the source could be read")

    def _ingest(self, connector: Connector, page: RecordPage, listed: set[tuple[Feed, str, str]]) -> None:
        self.pages += 1
        self.problems += page.problems
        for record in page.records:
            try:
                parsed = connector.parse(page.feed, record)
            except ParseError as error:
                self.problems.append(RecordProblem(record.key, str(error)))
                continue
            self.problems += [RecordProblem(record.key, reason) for reason in parsed.mended]
            assert record.vulnerability_id in (None, *(name for name, _ in parsed.claims))
            now = {(page.feed, record.key, name): claim for name, claim in parsed.claims}
            if not page.sweep:
                for place in self._made_from.get((page.feed, record.key), ()):
                    self.claims.pop(place, None)
                self._made_from[page.feed, record.key] = list(now)
            listed.update(now)
            self.claims.update(now)
        if page.sweep == "last" and page.feed in self.doubted:
            page.kept_back = True
            return
        if page.sweep == "last":
            self.claims = {
                place: claim for place, claim in self.claims.items() if place[0] != page.feed or place in listed
            }
        self.cursor = page.cursor


def settings_for(base: str, folder: Path, **more: object) -> Settings:
    quick = {"nvd_delay": 0, "euvd_delay": 0, "euvd_pages": 0}
    addresses = {"nvd_url": base, "nvd_feeds_url": base, "euvd_url": base}
    return Settings(home=folder, **{**addresses, **quick, **more})
