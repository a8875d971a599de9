"""Train the dictionaries of `backend/store/compression.py` from the records of a loaded database.

    .venv/bin/python resources/dictionaries.py sqlite:///openthreat.db

Needed when claims or search words have changed so much that they compress badly. A dictionary that was ever released is
never replaced: first give the new ones the next numbers in `Dictionary`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from backports import zstd

from backend.domain.merge import merge
from backend.domain.search_text import search_words
from backend.store.compression import Dictionary
from backend.store.engine import Database
from backend.store.repositories.source_records import SourceRecordRepository

FOLDER = Path(__file__).resolve().parents[1] / "backend" / "store" / "dictionaries"
SAMPLES = 40_000
SIZES = {Dictionary.CLAIMS: 448 * 2**10, Dictionary.WORDS: 256 * 2**10}


def samples(database: Database) -> dict[Dictionary, list[bytes]]:
    """The values to compress, as they are before compression."""
    found: dict[Dictionary, list[bytes]] = {kind: [] for kind in Dictionary}
    after = ""
    with database.reading() as connection:
        store = SourceRecordRepository(connection)
        while page := store.records_after(after, 1000):
            for name, records in page.items():
                found[Dictionary.CLAIMS].append(msgspec.msgpack.encode([record.claim for record in records]))
                if merged := merge(name, records):
                    found[Dictionary.WORDS].append(search_words(merged).encode())
            after = max(page)
    return found


def train(values: Sequence[bytes], number: Dictionary) -> bytes:
    """A dictionary with this number (RFC 8878, section 5: magic number, id, tables and content)."""
    content = zstd.train_dict(values[:: len(values) // SAMPLES or 1], SIZES[number]).dict_content
    return content[:4] + number.to_bytes(4, "little") + content[8:]


def main(url: str) -> None:
    database = Database(url)
    for number, values in samples(database).items():
        (FOLDER / f"{number}.dict").write_bytes(train(values, number))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1])
