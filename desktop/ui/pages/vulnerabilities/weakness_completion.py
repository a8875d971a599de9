"""Weaknesses (CWE) by the beginnings of their numbers and the words of their names."""

from __future__ import annotations

import re
from itertools import islice

from backend.contract.watching import MAX_NAMES
from backend.contract.weaknesses import weakness_list

_CWE_ID, _NUMBER = re.compile(r"CWE-\d+"), re.compile(r"\d+")


def weaknesses_for(text: str) -> list[str]:
    """Return weaknesses whose number begins so, or whose name has all words of the text, as "CWE-79 Cross-site…"."""
    wanted = text.casefold().removeprefix("cwe-").split()
    named = (f"{cwe_id} {name}" for cwe_id, name in weakness_list().names.items())
    found = (line for line in named if wanted and all(_fits(line, word) for word in wanted))
    return list(islice(found, MAX_NAMES))


def _fits(line: str, word: str) -> bool:
    cwe_id, _, name = line.partition(" ")
    return cwe_id.removeprefix("CWE-").startswith(word) if word.isdecimal() else word in name.casefold()


def weakness_ids(text: str) -> list[str]:
    """Return the CWE ids of a text: those in it, bare numbers, or of the first weakness whose name has its words."""
    if ids := _CWE_ID.findall(text.upper()):
        return ids
    if any(map(str.isalpha, text)):
        return [line.partition(" ")[0] for line in weaknesses_for(text)[:1]]
    return [f"CWE-{number}" for number in _NUMBER.findall(text)]
