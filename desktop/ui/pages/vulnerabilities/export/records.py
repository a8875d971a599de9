"""The records to export, fetched in portions so small that the windows stay responsive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from backend.client.api import ApiClient
from backend.client.transport import Params
from backend.contract.vulnerabilities import Vulnerability
from desktop.ui.pages.vulnerabilities.rows import Query
from desktop.ui.pages.vulnerabilities.search import params_of

_PORTION = 100
"""Records per portion; parsing them blocks other threads for some milliseconds."""
_IDS_PER_PORTION = 10


@dataclass(frozen=True)
class ExportPortion:
    """mark: the argument for the next portion; empty after the last."""

    records: Sequence[Vulnerability]
    mark: str


@dataclass(frozen=True)
class SelectedIds:
    """Records by their IDs, in this order."""

    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        """Fetch a portion.

        Args:
            client: of the API.
            mark: empty for the first portion.

        Raises:
            ApiError: the API cannot be reached or refused the request.
        """
        first = int(mark or 0)
        last = first + _IDS_PER_PORTION
        records = [client.vulnerability(cve_id) for cve_id in self.ids[first:last]]
        return ExportPortion(records, str(last) if last < len(self.ids) else "")

    def cve_ids(self, client: ApiClient) -> Sequence[str]:  # noqa: ARG002 - they are known
        return self.ids


@dataclass(frozen=True)
class SelectedRows:
    """The results of a query in these ranges of rows, from top to bottom."""

    query: Query
    ranges: tuple[range, ...]

    @property
    def count(self) -> int:
        return sum(map(len, self.ranges))

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        step = int(mark or 0)
        number = self._pages[step]
        params = {**_params(self.query), "page": number + 1}
        items = client.vulnerabilities(params).items
        wanted = [item for place, item in enumerate(items, number * _PORTION) if self._is_selected(place)]
        return ExportPortion(wanted, str(step + 1) if step + 1 < len(self._pages) else "")

    def cve_ids(self, client: ApiClient) -> Sequence[str]:
        """The ids of the rows.

        Raises:
            ApiError: the API cannot be reached or refused the request.
        """
        found: list[str] = []
        for number in self._pages:
            items = client.listed({**_params(self.query), "page": number + 1}).items
            found += [item.cve_id for place, item in enumerate(items, number * _PORTION) if self._is_selected(place)]
        return found

    def _is_selected(self, place: int) -> bool:
        return any(place in part for part in self.ranges)

    @cached_property
    def _pages(self) -> Sequence[int]:
        return sorted({place // _PORTION for part in self.ranges for place in (*part[::_PORTION], *part[-1:])})


@dataclass(frozen=True)
class AllResults:
    """All results of a query, in its order. count: None if the API stopped counting."""

    query: Query
    count: int | None

    def portion(self, client: ApiClient, mark: str) -> ExportPortion:
        page = client.portion(_params(self.query), mark)
        return ExportPortion(page.items, page.next or "")


ChosenRows = SelectedIds | SelectedRows
ExportScope = SelectedIds | SelectedRows | AllResults


def _params(query: Query) -> Params:
    return {**params_of(query.search), **query.order.params, "page_size": _PORTION}
