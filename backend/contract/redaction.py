"""Removes secrets from text that may leave the machine: log lines and diagnostic reports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit

GONE = "***"
_SHORTEST = 4  # a shorter text would also be replaced inside ordinary words
_NAMES = r"[\w-]*(?:api[_-]?key|token|password|passwd|secret)"
_SECRET_NAME = re.compile(rf"{_NAMES}|[\w-]*_key", re.IGNORECASE)
_PATTERNS = (
    re.compile(r"(?P<kept>\bopenthreat_)[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),  # a token of the API, see contract.access
    re.compile(r"(?P<kept>[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/?#\"']*(?=@)", re.IGNORECASE),  # a password in an address
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(rf"(?P<kept>\b{_NAMES}[\"']?\s*=\s*[\"']?)[^\s\"'&,;)]+", re.IGNORECASE),
    # After a colon a sentence may follow, so only what looks like a key counts.
    re.compile(rf"(?P<kept>\b{_NAMES}[\"']?\s*:\s*[\"']?)(?=\S*\d)[^\s\"'&,;)]{{8,}}", re.IGNORECASE),
)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace the given secrets, plain and URL-encoded, and everything that looks like a secret."""
    for secret in sorted({*secrets}, key=len, reverse=True):
        for spelling in (secret, quote(secret, safe="")):
            if len(spelling) >= _SHORTEST:
                text = text.replace(spelling, GONE)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<kept>{GONE}", text)
    return text


def secrets_in(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the values of variables that are named like secrets, and the passwords in addresses."""
    named = {value for name, value in environment.items() if _SECRET_NAME.fullmatch(name)}
    return frozenset(secret for secret in named | set(_passwords(environment.values())) if len(secret) >= _SHORTEST)


def _passwords(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        try:
            password = urlsplit(value).password if "://" in value else None
        except ValueError:  # not a valid address: `redacted` finds passwords in it by pattern
            continue
        if password:
            yield from (password, unquote(password))
