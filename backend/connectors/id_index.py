"""Numbers by vulnerability id, in sorted arrays: 16 bytes an id, of which there are 350,000."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from backend.domain.canonical import is_cve_id, is_euvd_id, sort_key

_LARGEST = 10**15


def number_of(vulnerability_id: str) -> int | None:
    """Year and number of an id as one number of 64 bits; None for other texts and numbers that are too large."""
    if not (is_cve_id(vulnerability_id) or is_euvd_id(vulnerability_id)):
        return None
    year, number = sort_key(vulnerability_id)
    return year * _LARGEST + number if number < _LARGEST else None


def euvd_id_of(number: int) -> str:
    """The EUVD id with this number."""
    year, within = divmod(number, _LARGEST)
    return f"EUVD-{year:04}-{within}"


class IdIndex:
    """A number for each id, or several. Ids without a number of their own (`number_of`) are left out."""

    def __init__(self, entries: Iterable[tuple[str, int]]) -> None:
        years: defaultdict[int, tuple[array[int], array[int]]] = defaultdict(lambda: (array("Q"), array("Q")))
        for vulnerability_id, value in entries:
            if (key := number_of(vulnerability_id)) is not None:
                for column, item in zip(years[key // _LARGEST], (key, value), strict=True):
                    column.append(item)
        self._keys, self.values = array("Q"), array("Q")
        for year in sorted(years):  # one by one: sorting takes four times the memory of what is sorted
            keys, values = years.pop(year)
            order = sorted(range(len(keys)), key=keys.__getitem__)
            self._keys.extend(keys[place] for place in order)
            self.values.extend(values[place] for place in order)

    def places(self, vulnerability_id: str) -> range:
        """The places in `values` of what an id has."""
        key = number_of(vulnerability_id)
        if key is None:
            return range(0)
        first = bisect_left(self._keys, key)
        return range(first, bisect_right(self._keys, key, lo=first))
