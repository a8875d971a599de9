"""Text of sources made comparable or short: names, addresses, first sentences."""

from __future__ import annotations

import re
from functools import lru_cache

TITLE_LENGTH = 200

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", re.DOTALL)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_SENTENCE_END = re.compile(
    r"(?<=[.!?])"
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bvs\.)(?<!\baka\.)(?<!\bInc\.)(?<!\bCorp\.)(?<!\bLtd\.)(?<!\bCo\.)(?<!\bNo\.)"
    r" (?=[^a-z])"
)


@lru_cache(maxsize=2**16)
def fold(name: str) -> str:
    """A vendor's or product's name as it is compared: lower case, blanks and "_" as one space, "n/a" as nothing."""
    folded = " ".join(name.replace("_", " ").lower().split())
    return "" if folded == "n/a" else folded


def address_of(url: str) -> str:
    """What two spellings of one address share: scheme and host in lower case, no default port, no final "/" or "#".

    A fragment is kept: on many sites it is the page ("#!/advisory/7"). Text that is no address is only trimmed.
    """
    trimmed = url.strip().removesuffix("#")
    match = _ADDRESS.fullmatch(trimmed)
    if match is None:
        return trimmed
    scheme, host, path, rest = match.groups()
    scheme = scheme.lower()
    host = host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
    return f"{scheme}://{host}{path.rstrip('/')}{rest}"


def first_sentence(text: str) -> str:
    """The first sentence in one line; of a long one at most 200 characters, cut between words, with an ellipsis."""
    line = " ".join(text[: 4 * TITLE_LENGTH].split())
    end = _SENTENCE_END.search(line)
    sentence = line[: end.start()] if end else line
    if len(sentence) <= TITLE_LENGTH:
        return sentence
    head, _, _ = sentence[:TITLE_LENGTH].rpartition(" ")
    return (head or sentence[: TITLE_LENGTH - 1]).rstrip(" ,;:") + "…"
