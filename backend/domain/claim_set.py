"""The claims on one vulnerability, in the orders in which the merge rules ask them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from backend.contract.names import Source
from backend.domain.claims import Claim, Exploitation, Feed, Origin
from backend.domain.cvss import VERSIONS, essence_of, score_of
from backend.domain.vulnerability import ExploitationEntry, ScoreEntry

SourcedClaims = list[tuple[Source, Claim]]

_FEED_PLACES = {feed: place for place, feed in enumerate(Feed)}
_SOURCES = {feed: feed.source for feed in Feed}
_ALL_SOURCES = tuple(Source)
_SEVERAL = Feed.EUVD
"""The one feed of which several dated records may speak of one vulnerability."""
_ORIGIN_PLACES = {origin: place for place, origin in enumerate((Origin.NVD, Origin.CNA, Origin.CISA_ADP, Origin.EUVD))}
_VERSION_PLACES = {version: place for place, version in enumerate(VERSIONS)}


class SourcedClaim(Protocol):
    """A claim with where it came from, such as `claims.SourceRecord`."""

    @property
    def feed(self) -> Feed: ...
    @property
    def key(self) -> str: ...
    @property
    def claim(self) -> Claim: ...


class ClaimSet:
    """Who says what. Two orders serve most fields: the CNA's own word first (MITRE, NVD, EUVD, CISA), or the analysts'
    (NVD, MITRE, CISA, EUVD). EPSS is in neither: it foretells, it does not describe."""

    def __init__(self, vulnerability_id: str, records: Iterable[SourcedClaim]) -> None:
        self.vulnerability_id = vulnerability_id
        self.records = sorted(records, key=_precedence)
        voices: dict[Source, SourcedClaims] = {source: [] for source in _ALL_SOURCES}
        for record in self.records:
            source = _SOURCES[record.feed]
            voices[source].append((source, record.claim))
        self.cisa, self.nvd, self.euvd = voices[Source.CISA], voices[Source.NVD], voices[Source.EUVD]
        self.mitre, self.epss = voices[Source.MITRE], voices[Source.EPSS]
        self.authority_first = self.mitre + self.nvd + self.euvd + self.cisa
        self.analysis_first = self.nvd + self.mitre + self.cisa + self.euvd
        self.sources = tuple(source for source, said in voices.items() if said)
        self.scores = _scores(self.authority_first)
        self.exploitation = _exploitation(self.cisa + self.euvd + self.mitre + self.nvd)


def _precedence(record: SourcedClaim) -> tuple[int, float, str]:
    """Of several EUVD records the newest comes first; whatever else is equal is ordered by key."""
    modified = record.claim.modified_at if record.feed is _SEVERAL else None
    return _FEED_PLACES[record.feed], -modified.timestamp() if modified else 0.0, record.key


def _scores(voices: SourcedClaims) -> tuple[ScoreEntry, ...]:
    """Every assessment once, with its number recomputed; best first: by who made it, then the newest version.

    NVD repeats what a CNA or CISA said: the copy of who is heard first is kept.
    """
    entries: dict[tuple[str, str, str, float], ScoreEntry] = {}
    for source, claim in voices:
        for given in claim.scores:
            score = score_of(given.version, given.vector, given.stated)
            if score is not None:
                entry = ScoreEntry(given.origin, source, given.version, given.vector, score)
                entries.setdefault((given.origin, given.version, essence_of(given.vector), score), entry)
    return tuple(sorted(entries.values(), key=_belief))


def _belief(entry: ScoreEntry) -> tuple[int, int]:
    return _ORIGIN_PLACES[entry.origin], _VERSION_PLACES.get(entry.version, len(VERSIONS))


def _exploitation(voices: SourcedClaims) -> tuple[ExploitationEntry, ...]:
    said = [_exploitation_entry(source, word) for source, claim in voices for word in claim.exploitation]
    return tuple(dict.fromkeys(said))


def _exploitation_entry(source: Source, word: Exploitation) -> ExploitationEntry:
    return ExploitationEntry(word.by, source, word.since, word.status)
