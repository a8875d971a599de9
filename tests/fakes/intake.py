"""The claims that the store would have after a connector's pages, by the rules of the ingest, without a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend.connectors.connector import Connector, ParseError, RecordPage, RecordProblem
from backend.domain.claims import Claim, Feed


class Intake:
    """Takes pages; after `stop_after` of them it stops like a killed program. Tests compare `claims`."""

    def __init__(self) -> None:
        self.claims: dict[tuple[Feed, str], Claim] = {}
        self.cursor: bytes | None = None
        self.pages: list[RecordPage] = []
        self.problems: list[RecordProblem] = []
        self.parsed = 0
        self._raw: dict[tuple[Feed, str], bytes] = {}

    def run(
        self, connector: Connector, stop_after: int | None = None, between: Callable[[], None] = lambda: None
    ) -> None:
        self.pages, self.problems, self.parsed = [], [], 0
        listed: set[str] = set()
        for page in connector.pages(self.cursor, self.known):
            if stop_after is not None and len(self.pages) >= stop_after:
                return
            self.pages.append(page)
            self._take(connector, page)
            listed |= {record.key for record in page.records} | {problem.record for problem in page.problems}
            if page.sweep == "last":
                for feed, key in [made for made in self.claims if made[0] is page.feed and made[1] not in listed]:
                    del self.claims[feed, key], self._raw[feed, key]
            between()

    def known(self, feed: Feed, ids: Sequence[str]) -> dict[str, str]:
        stored = {key: self.claims[feed, key].modified_at for key in ids if (feed, key) in self.claims}
        return {key: moment.isoformat() for key, moment in stored.items() if moment}

    def _take(self, connector: Connector, page: RecordPage) -> None:
        self.problems += page.problems
        for record in page.records:
            if self._raw.get((page.feed, record.key)) == record.raw:
                continue
            try:
                parsed = connector.parse(page.feed, record)
            except ParseError as error:
                self.problems.append(RecordProblem(record.key, str(error)))
                continue
            self.parsed += 1
            self._raw[page.feed, record.key] = record.raw
            self.claims |= {(page.feed, vulnerability_id): claim for vulnerability_id, claim in parsed.claims}
        self.cursor = page.cursor
