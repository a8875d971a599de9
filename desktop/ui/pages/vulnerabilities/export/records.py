"""The records that are to be exported, fetched in portions so small that windows need not wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.contract.vulnerabilities import Vulnerability
from desktop.api_client.client import ApiClient
from desktop.ui.pages.vulnerabilities.export.files import Format, write
from desktop.ui.pages.vulnerabilities.rows import Question

MOST = 10_000
_PORTION = 50


@dataclass(frozen=True)
class Picked:
    """Records by their ids, in this order."""

    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)

    def records(self, client: ApiClient) -> Iterator[Vulnerability]:
        yield from map(client.vulnerability, self.ids)


@dataclass(frozen=True)
class Places:
    """What stands at these places of the answer to a question; ranges: from top to bottom."""

    question: Question
    ranges: tuple[range, ...]

    @property
    def count(self) -> int:
        return sum(map(len, self.ranges))

    def records(self, client: ApiClient) -> Iterator[Vulnerability]:
        portions = sorted({place // _PORTION for part in self.ranges for place in (*part[::_PORTION], *part[-1:])})
        for portion in portions:
            items = _portion(client, self.question, portion)
            first = portion * _PORTION
            yield from (item for place, item in enumerate(items, first) if any(place in part for part in self.ranges))


Wanted = Picked | Places


def export(client: ApiClient, wanted: Wanted, path: Path, kind: Format) -> int:
    """At most MOST of them. Gives how many were written; raises ApiError and OSError."""
    return write(path, kind, _first(wanted.records(client)))


def _first(records: Iterator[Vulnerability]) -> Iterator[Vulnerability]:
    for _, record in zip(range(MOST), records, strict=False):
        yield record


def _portion(client: ApiClient, question: Question, number: int) -> Sequence[Vulnerability]:
    params = {**question.search.params, **question.order.params, "page": number + 1, "page_size": _PORTION}
    return client.vulnerabilities(params).items
