"""The records that are to be exported, fetched in portions so small that windows need not wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from backend.client.api import ApiClient
from backend.contract.vulnerabilities import Vulnerability
from desktop.ui.pages.vulnerabilities.rows import Question

_PORTION = 100
"""Records: taking them in holds up other threads for some milliseconds."""
_ONE_BY_ONE = 10


@dataclass(frozen=True)
class ExportPortion:
    """mark: by which the next one is asked for; empty: this was the last."""

    records: Sequence[Vulnerability]
    mark: str


@dataclass(frozen=True)
class Picked:
    """Records by their ids, in this order."""

    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        """mark: empty for the first one. Raises ApiError."""
        first = int(mark or 0)
        last = first + _ONE_BY_ONE
        records = [client.vulnerability(cve_id) for cve_id in self.ids[first:last]]
        return ExportPortion(records, str(last) if last < len(self.ids) else "")


@dataclass(frozen=True)
class Places:
    """What stands at these places of the answer to a question; ranges: from top to bottom."""

    question: Question
    ranges: tuple[range, ...]

    @property
    def count(self) -> int:
        return sum(map(len, self.ranges))

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        turn = int(mark or 0)
        number = self._pages[turn]
        params = {**_asked(self.question), "page": number + 1}
        items = client.vulnerabilities(params).items
        wanted = [item for place, item in enumerate(items, number * _PORTION) if self._holds(place)]
        return ExportPortion(wanted, str(turn + 1) if turn + 1 < len(self._pages) else "")

    def _holds(self, place: int) -> bool:
        return any(place in part for part in self.ranges)

    @cached_property
    def _pages(self) -> Sequence[int]:
        return sorted({place // _PORTION for part in self.ranges for place in (*part[::_PORTION], *part[-1:])})


@dataclass(frozen=True)
class Everything:
    """All that answers a question, in its order. count: None where there are more than were counted."""

    question: Question
    count: int | None

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        told = client.portion(_asked(self.question), mark)
        return ExportPortion(told.items, told.next or "")


Wanted = Picked | Places | Everything


def _asked(question: Question) -> dict[str, str | int | float | list[str]]:
    return {**question.search.params, **question.order.params, "page_size": _PORTION}
