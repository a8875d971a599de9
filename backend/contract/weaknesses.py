"""Names of weaknesses (CWE ids), from MITRE's list, which `resources/weakness_names.py` writes to weaknesses.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

_EDITION = re.compile(r"# CWE (?P<version>[0-9.]+) of (?P<published>[0-9-]+)\b")


@dataclass(frozen=True)
class WeaknessList:
    """MITRE's list in one edition. names: by id ("CWE-79"), of weaknesses and categories."""

    version: str
    published: date
    names: Mapping[str, str]


@cache
def weakness_list() -> WeaknessList:
    """Read the list that comes with the program."""
    edition, *table = files(__package__).joinpath("weaknesses.csv").read_text(encoding="utf-8").splitlines()
    found = _EDITION.match(edition)
    if found is None:
        raise ValueError("the list of weaknesses does not begin with its edition")
    names = {f"CWE-{number}": name for number, name in csv.reader(table)}
    return WeaknessList(found["version"], date.fromisoformat(found["published"]), names)


def weakness_name(cwe_id: str) -> str:
    """Return the name of a weakness; empty for one that this edition of the list does not have."""
    return weakness_list().names.get(cwe_id.upper(), "")
