"""The entries that are read from a file or a registry, what of them is skipped and why, and what a file cannot be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from backend.contract.errors import OpenThreatError
from backend.contract.inventory import MAX_ENTRIES, MAX_IDENTIFIER, MAX_NAME, EntryKind, SoftwareEntry

MAX_SKIPPED = 1_000
"""Skipped entries that are listed; all are counted."""
MAX_SEEN = 3 * MAX_ENTRIES
"""Entries that are looked at, skipped ones among them: bounds the time for a file of duplicates."""

_UNSEEN = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


class SkipReason(StrEnum):
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    HIDDEN = "hidden"
    UPDATE = "update"
    UNREADABLE = "unreadable"
    NOT_A_PACKAGE = "not_a_package"
    NOT_SOFTWARE = "not_software"
    DENIED = "denied"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    SkipReason.NO_NAME: "It has no name.",
    SkipReason.TOO_LONG: f"A field is longer than {MAX_NAME} characters.",
    SkipReason.DUPLICATE: "The same entry is there already.",
    SkipReason.HIDDEN: "It is a part of the system or of another program, which Windows does not list.",
    SkipReason.UPDATE: "It is an update of another program.",
    SkipReason.UNREADABLE: "It cannot be read.",
    SkipReason.NOT_A_PACKAGE: "It is an option, a path or an address, not a package.",
    SkipReason.NOT_SOFTWARE: "It is a file, a device or data, not software.",
    SkipReason.DENIED: "Windows denies access to it.",
}


class Skipped(NamedTuple):
    where: str  # "line 12", or the path of a key
    name: str
    reason: SkipReason


class InventoryUnreadable(OpenThreatError):  # noqa: N818 - names a state, as its siblings do
    """A file holds no inventory that can be read; nothing of it is used."""


class EntryList:
    """Collects entries; cleans their text and keeps back what is no entry.

    Raises:
        InventoryUnreadable: there are more entries than one machine may have.
    """

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.skip_counts: Counter[SkipReason] = Counter()
        self._entries: dict[tuple[str, ...], SoftwareEntry] = {}

    @property
    def entries(self) -> tuple[SoftwareEntry, ...]:
        return tuple(self._entries.values())

    @property
    def seen(self) -> int:
        return len(self._entries) + self.skip_counts.total()

    def add(self, where: str, fields: Mapping[str, str], kind: EntryKind = EntryKind.PROGRAM) -> None:
        """Add an entry with the named fields of SoftwareEntry, or skip it with a reason."""
        clean = {field: clean_text(text) for field, text in fields.items()}
        name = clean.get("name", "")
        if not name:
            self.skip(where, "", SkipReason.NO_NAME)
        elif any(len(text) > _limit(field) for field, text in clean.items()):
            self.skip(where, name[:MAX_NAME], SkipReason.TOO_LONG)
        elif (key := _key(kind, clean)) in self._entries:
            self.skip(where, name, SkipReason.DUPLICATE)
        elif len(self._entries) >= MAX_ENTRIES:
            raise _too_many()
        else:
            self._entries[key] = SoftwareEntry.model_validate({"kind": kind, **clean})

    def skip(self, where: str, name: str, reason: SkipReason) -> None:
        self.skip_counts[reason] += 1
        if self.seen > MAX_SEEN:
            raise _too_many()
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(Skipped(clean_text(where), clean_text(name)[:MAX_NAME], reason))


def _too_many() -> InventoryUnreadable:
    return InventoryUnreadable(
        "The inventory is too large",
        f"It has more than {MAX_ENTRIES:,} entries, which is more than one machine has.",
        "Divide it by machines.",
    )


def clean_text(text: str) -> str:
    """The text on one line, without control and direction marks."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def _limit(field: str) -> int:
    return MAX_IDENTIFIER if field in {"cpe", "purl"} else MAX_NAME


def _key(kind: EntryKind, fields: Mapping[str, str]) -> tuple[str, ...]:
    return (
        fields.get("kind", kind),
        *(fields.get(field, "") for field in ("name", "publisher", "version", "cpe", "purl")),
    )
