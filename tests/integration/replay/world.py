"""The recorded feeds as a server process, and digests of a database that was updated from them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import requests

from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.vulnerabilities import StoredVulnerability, VulnerabilityRepository
from tests.servers import free_port, wait_until


class ReplayedWorld:
    """`serve.py` beside the project: recorded feeds, a clock set by tests, and faults on demand."""

    def __init__(self, program: Path, at: str, *options: str) -> None:
        self.base = f"http://127.0.0.1:{(port := free_port())}"
        command = [sys.executable, str(program), "--port", str(port), "--at", at, *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self._answers, "the replayed feeds answer", 120)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.base}/__log", timeout=2).ok
        except requests.ConnectionError:
            return False

    @property
    def environment(self) -> Mapping[str, str]:
        names = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
        polite = {"OPENTHREAT_NVD_DELAY": "0", "OPENTHREAT_EUVD_DELAY": "0", "OPENTHREAT_EUVD_PAGES": "0"}
        return {f"OPENTHREAT_{name}_URL": self.base for name in names} | polite

    def control(self, **order: object) -> None:
        requests.post(f"{self.base}/__control", json=order, timeout=10).raise_for_status()

    def move_to(self, moment: str) -> None:
        self.control(at=moment)

    def requests_made(self) -> dict[str, int]:
        made: dict[str, int] = requests.get(f"{self.base}/__log", timeout=10).json()["requests"]
        return made

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def digest_of(database: Database) -> dict[str, str]:
    """A digest of each vulnerability without times of this program, for comparing databases."""
    digests: dict[str, str] = {}
    after = ""
    with database.reading() as connection:
        store, reader = IngestRepository(connection), VulnerabilityRepository(connection)
        while records := store.records_after(after, 1000):
            after = max(records)
            for name in records:
                if (row := reader.get(name)) is not None:
                    digests[name] = hashlib.sha256(_plain(row)).hexdigest()
    return digests


def facts_of(database: Database, cve_id: str) -> object:
    with database.reading() as connection:
        row = VulnerabilityRepository(connection).get(cve_id)
    return None if row is None else msgspec.json.decode(_plain(row))


def _plain(row: StoredVulnerability) -> bytes:
    """All fields without times of this program."""
    return msgspec.json.encode([row.vulnerability, row.priority_score], order="deterministic")
