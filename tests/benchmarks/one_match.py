"""One match of 300 programs in a separate process. Prints as JSON: programs, findings, seconds of the first match and
of the best of the next ones, and MiB of memory that they took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import psutil
from sqlalchemy import make_url

from backend.config import load_settings
from backend.contract.inventory import MatchAnswer, MatchRequest, SoftwareEntry
from backend.domain.products.curated import curated_table
from backend.domain.products.product import ProductKey
from backend.services.exposure.answer import answer
from backend.store.engine import Database
from backend.store.repositories.products import ProductRepository

PROGRAMS = 300
ROUNDS = 3
VERSION = "10.0"


def software(database: Database) -> tuple[SoftwareEntry, ...]:
    """Well-known programs that occur in the records, in one version."""
    lines = [line for line in curated_table().programs if line.keys]
    spellings: set[ProductKey | tuple[str, str]] = {line.keys[0].spelling for line in lines}
    with database.reading() as connection:
        known = ProductRepository(connection).numbers(spellings)
    chosen = [line for line in lines if line.keys[0].spelling in known][:PROGRAMS]
    return tuple(
        SoftwareEntry(name=line.example, publisher=next(iter(line.publishers), ""), version=VERSION) for line in chosen
    )


def forget(url: str) -> None:
    """Drop the database's file from the system's cache where the system has a call for it."""
    path = make_url(url).database
    if not url.startswith("sqlite") or not path or not hasattr(os, "posix_fadvise"):
        return
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def matched(database: Database, request: MatchRequest) -> tuple[float, MatchAnswer]:
    began = time.perf_counter()
    with database.reading() as connection:
        found = answer(connection, request)
    return time.perf_counter() - began, found


def main() -> int:
    settings, process = load_settings(), psutil.Process()
    first = Database(settings.database_url)
    request = MatchRequest(software=software(first))
    first.close()
    forget(settings.database_url)
    database, before = Database(settings.database_url), process.memory_info().rss
    cold, found = matched(database, request)
    warm = min(matched(database, request)[0] for _ in range(ROUNDS))
    measured = {
        "programs": len(found.items),
        "findings": sum(len(item.findings) for item in found.items),
        "cold": cold,
        "warm": warm,
        "memory_mb": (process.memory_info().rss - before) / 2**20,
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
