"""Takes secrets out of text that people may show to others: the last lines of a log, the diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

GONE = "***"
_SHORTEST = 4  # anything shorter would tear holes into ordinary words
_NAMES = r"[\w-]*(?:api[_-]?key|token|password|passwd|secret)"
_SECRET_NAME = re.compile(rf"{_NAMES}|[\w-]*_key", re.IGNORECASE)
_PATTERNS = (
    re.compile(r"(?P<kept>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/?#\"']*(?=@)", re.IGNORECASE),  # a password in an address
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(rf"(?P<kept>\b{_NAMES}[\"']?\s*=\s*[\"']?)[^\s\"'&,;)]+", re.IGNORECASE),
    # After a colon a sentence may follow, so only what looks like a key counts.
    re.compile(rf"(?P<kept>\b{_NAMES}[\"']?\s*:\s*[\"']?)(?=\S*\d)[^\s\"'&,;)]{{8,}}", re.IGNORECASE),
)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """secrets: those that are known, as they are; besides, whatever looks like one is taken out."""
    for secret in sorted({*secrets}, key=len, reverse=True):
        for spelling in (secret, quote(secret, safe="")):
            if len(spelling) >= _SHORTEST:
                text = text.replace(spelling, GONE)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<kept>{GONE}", text)
    return text


def secrets_in(environment: Mapping[str, str]) -> frozenset[str]:
    """The values of variables that are named like secrets, and the passwords in addresses."""
    named = {value for name, value in environment.items() if _SECRET_NAME.fullmatch(name)}
    return frozenset(secret for secret in named | set(_passwords(environment.values())) if len(secret) >= _SHORTEST)


def _passwords(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        try:
            password = urlsplit(value).password if "://" in value else None
        except ValueError:  # an address that is none: what can be told apart in it, `redacted` finds by itself
            continue
        if password:
            yield from (password, unquote(password))
