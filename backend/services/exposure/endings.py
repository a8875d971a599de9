"""Why matches of a program are gone: kept with the program until all findings have followed.

The findings of a program on many machines follow in several transactions. A run that goes on after another one was
killed finds the new matches only, and gives the same reasons by these.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from backend.store.repositories.matching import MatchingRepository

NO_STATEMENT = "No source states this product any more."


class Ending(msgspec.Struct, frozen=True, array_like=True):
    """Why a vulnerability no longer matches a program. was_affected: by the last matching."""

    reason: str
    was_affected: bool


class Endings(msgspec.Struct, frozen=True):
    """The endings of one program by CVE id.

    is_same_product: the program was this product before the matching as well.
    """

    is_same_product: bool = True
    by_id: dict[str, Ending] = {}

    def of(self, cve_id: str) -> Ending:
        return self.by_id.get(cve_id, Ending(NO_STATEMENT, was_affected=False))

    def encoded(self) -> str:
        return msgspec.json.encode(self).decode()


def read_endings(stored: str) -> Endings:
    return msgspec.json.decode(stored, type=Endings)


def stored_endings(connection: Connection, program_ids: Collection[int]) -> dict[int, Endings]:
    """The endings of programs whose findings do not all follow their last matching yet."""
    stored = MatchingRepository(connection).endings_of(program_ids) if program_ids else {}
    return {program: read_endings(text) for program, text in stored.items()}
