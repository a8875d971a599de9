"""Reading of CPE 2.3 names (NISTIR 7695)."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"(?:^|:)((?:[^:\\]|\\.)*)")  # an escaped colon does not separate
_ESCAPED = re.compile(r"\\(.)")
_NO_NAME = frozenset({"", "*", "-"})  # missing, any, not applicable


@lru_cache(maxsize=2**15)  # few products occur in 300,000 records, most of them in many versions
def vendor_and_product(cpe: str) -> tuple[str, str]:
    """Vendor and product with escapes resolved; "" for one that is missing, any or not applicable."""
    parts = _PART.findall(cpe) if "\\" in cpe else cpe.split(":", 5)
    vendor, product = (_ESCAPED.sub(r"\1", part) for part in [*parts[3:5], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product
