"""The search index as a plain function: whether a document matches."""

from __future__ import annotations

from backend.domain.search_text import AllOf, AnyOf, Match, Token, Without, read_text, search_words
from backend.domain.vulnerability import MergedVulnerability


def holds(document: str, match: Match) -> bool:
    """Whether a search document (see `search_words`) matches."""
    match match:
        case Token(text, beginning):
            tokens = document.split(" ")
            return any(token.startswith(text) for token in tokens) if beginning else text in tokens
        case AllOf(parts):
            return all(holds(document, part) for part in parts)
        case AnyOf(parts):
            return any(holds(document, part) for part in parts)
        case Without(wanted, excluded):
            return holds(document, wanted) and not holds(document, excluded)


def grade_of(vulnerability: MergedVulnerability, text: str) -> int | None:
    """The place of the best kind of match of a text: 0, 1, …; None: no match."""
    search, document = read_text(text), search_words(vulnerability)
    if search is None:
        return None
    grades = [number for number, match in enumerate(search.graded) if holds(document, match)]
    assert bool(grades) is holds(document, search.matches)
    return grades[0] if grades else None
