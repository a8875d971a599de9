"""Items of JSON lists, decoded one by one, so that one with an unexpected type costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from backend.client.inventory.entries import EntryList, SkipReason

T = TypeVar("T")


def each(items: Iterable[msgspec.Raw], kind: type[T], what: str, entries: EntryList) -> Iterator[tuple[str, T]]:
    """Yield each item with its place ("component 3"); what does not fit the type is skipped."""
    for place, raw in enumerate(items, 1):
        where = f"{what} {place}"
        try:
            item = msgspec.json.decode(raw, type=kind)
        except (msgspec.DecodeError, RecursionError):
            entries.skip(where, "", SkipReason.UNREADABLE)
        else:
            yield where, item
