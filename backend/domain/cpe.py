"""The parts of a CPE 2.3 name that people search by."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"(?:^|:)((?:[^:\\]|\\.)*)")  # a colon with a backslash before it separates nothing
_ESCAPED = re.compile(r"\\(.)")
_NO_NAME = frozenset({"", "*", "-"})  # any, not applicable


@lru_cache(maxsize=2**15)  # 300,000 records name few products many times, and most of them with many versions
def vendor_and_product(cpe: str) -> tuple[str, str]:
    """As the name spells them, escapes undone; "" for what it leaves open."""
    parts = _PART.findall(cpe) if "\\" in cpe else cpe.split(":", 5)
    vendor, product = (_ESCAPED.sub(r"\1", part) for part in [*parts[3:5], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product
