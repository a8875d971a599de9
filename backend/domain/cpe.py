"""Reading of CPE names: the formatted strings of CPE 2.3 (NISTIR 7695) and the URIs of CPE 2.2."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

_PART = re.compile(r"(?:^|:)((?:[^:\\]|\\.)*)")  # an escaped colon does not separate
_ESCAPED = re.compile(r"\\(.)")
_NO_NAME = frozenset({"", "*", "-"})  # missing, any, not applicable


@lru_cache(maxsize=2**15)  # few products occur in 300,000 records, most of them in many versions
def vendor_and_product(cpe: str) -> tuple[str, str]:
    """Vendor and product with escapes resolved; "" for one that is missing, any or not applicable."""
    parts = _PART.findall(cpe) if "\\" in cpe else cpe.split(":", 5)
    vendor, product = (_ESCAPED.sub(r"\1", part) for part in [*parts[3:5], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product


def vendor_and_product_of_uri(uri: str) -> tuple[str, str]:
    """The same of a CPE 2.2 URI ("cpe:/a:apache:http_server:2.4")."""
    vendor, product = (unquote(part) for part in [*uri.split(":")[2:4], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product
