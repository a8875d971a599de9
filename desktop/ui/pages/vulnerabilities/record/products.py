"""Affected products and their versions in words a person writes: ">= 1.0, < 2.3"."""

from __future__ import annotations

import re

from backend.contract.vulnerabilities import AffectedProduct
from desktop.ui.formatting import one_line, translate

_CPE_PARTS = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\(.)")
_VENDOR, _PRODUCT, _VERSION = 3, 4, 5
_ANYTHING = ("", "*", "-")


def product_words(entry: AffectedProduct) -> str:
    parts = _CPE_PARTS.split(entry.cpe)
    names = [entry.vendor, entry.product, entry.package]
    if not any(names):
        names = [_unescaped(part) for part in parts[_VENDOR : _PRODUCT + 1]]
    words = one_line(" ".join(dict.fromkeys(name for name in names if name)))
    if entry.platforms:
        words = translate("vulnerability", "{0} on {1}").format(words, one_line(", ".join(entry.platforms)))
    return words if entry.vulnerable else translate("vulnerability", "{0} (not vulnerable itself)").format(words)


def version_words(entry: AffectedProduct) -> str:
    bounds = (
        (">=", entry.version_start_including),
        (">", entry.version_start_excluding),
        ("<=", entry.version_end_including),
        ("<", entry.version_end_excluding),
    )
    ranges = [f"{sign} {version}" for sign, version in bounds if version]
    if ranges or entry.versions:
        return one_line(", ".join((*ranges, *entry.versions)))
    parts = _CPE_PARTS.split(entry.cpe)
    version = _unescaped(parts[_VERSION]) if len(parts) > _VERSION else ""
    if version not in _ANYTHING:
        return one_line(version)
    return translate("vulnerability", "all versions") if entry.default_status != "unaffected" else ""


def _unescaped(part: str) -> str:
    return _ESCAPED.sub(r"\1", part).replace("_", " ")
