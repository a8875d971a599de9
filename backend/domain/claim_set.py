"""The claims about one vulnerability, in the orders of precedence that the merge rules need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from backend.contract.names import Source
from backend.domain.claims import Claim, Feed, Origin, SourceRecord
from backend.domain.cvss import VERSIONS, essential_vector, score_of
from backend.domain.names import fold, product_key, vendor_key
from backend.domain.vulnerability import ExploitationEntry, ScoreEntry

SourcedClaims = list[tuple[Source, Claim]]

_FEED_RANKS = {feed: rank for rank, feed in enumerate(Feed)}
_SOURCES = {feed: feed.source for feed in Feed}
_ALL_SOURCES = tuple(Source)
_FEED_WITH_SEVERAL_RECORDS = Feed.EUVD
"""The one feed in which several dated records may describe one vulnerability."""
_ORIGIN_RANKS = {origin: rank for rank, origin in enumerate((Origin.NVD, Origin.CNA, Origin.CISA_ADP, Origin.EUVD))}
_VERSION_RANKS = {version: rank for rank, version in enumerate(VERSIONS)}


class SourcedClaim(Protocol):
    """A claim with its origin, such as `claims.SourceRecord`."""

    @property
    def feed(self) -> Feed: ...
    @property
    def key(self) -> str: ...
    @property
    def claim(self) -> Claim: ...


class UnitedNames(NamedTuple):
    """Names in their display form, one of each key; the other spellings; and the sources that gave any."""

    names: tuple[str, ...]
    others: tuple[str, ...]
    sources: Sequence[Source]


class ClaimSet:
    """All claims, by source and by precedence.

    Most fields use one of two orders: the CNA's own record first (MITRE, NVD, EUVD, CISA), or the analysts' first (NVD,
    MITRE, CISA, EUVD). EPSS is in neither, because it predicts and does not describe.
    """

    def __init__(self, vulnerability_id: str, records: Iterable[SourcedClaim]) -> None:
        self.vulnerability_id = vulnerability_id
        self.records = sorted(records, key=_precedence)
        claims: dict[Source, SourcedClaims] = {source: [] for source in _ALL_SOURCES}
        for record in self.records:
            source = _SOURCES[record.feed]
            claims[source].append((source, record.claim))
        self.cisa, self.nvd, self.euvd = claims[Source.CISA], claims[Source.NVD], claims[Source.EUVD]
        self.mitre, self.epss = claims[Source.MITRE], claims[Source.EPSS]
        self.authority_first = self.mitre + self.nvd + self.euvd + self.cisa
        self.analysis_first = self.nvd + self.mitre + self.cisa + self.euvd
        self.sources = tuple(source for source, made in claims.items() if made)
        self.scores = _scores(self.authority_first)
        self.vendors = _united([(source, claim.vendors) for source, claim in self.analysis_first], vendor_key)
        self.products = _united([(source, claim.products) for source, claim in self.analysis_first], product_key)
        self.exploitation = _exploitation(self.cisa + self.euvd + self.mitre + self.nvd)

    def without_assessments(self) -> ClaimSet:
        """The same claims without severity, products and exploitation, which a rejected record has none of.

        They remain stored, so that they count again once the record is reinstated.
        """
        return ClaimSet(
            self.vulnerability_id,
            [
                SourceRecord(record.feed, record.key, self.vulnerability_id, replace(record.claim, **_NO_ASSESSMENT))
                for record in self.records
            ],
        )


_NO_ASSESSMENT: dict[str, object] = {
    "scores": (),
    "vendors": (),
    "products": (),
    "affected": (),
    "repeated": (),
    "exploitation": (),
    "kev": None,
}


def _precedence(record: SourcedClaim) -> tuple[int, float, str]:
    """By feed; of several EUVD records the newest first; the rest by key."""
    modified = record.claim.modified_at if record.feed is _FEED_WITH_SEVERAL_RECORDS else None
    return _FEED_RANKS[record.feed], -modified.timestamp() if modified else 0.0, record.key


def _scores(claims: SourcedClaims) -> tuple[ScoreEntry, ...]:
    """Every assessment once with its score recomputed, the one that counts first.

    NVD repeats assessments of CNAs and CISA: the copy of the first source is kept. Of two equal ones by one source, one
    for a scenario and one in general, the general one is kept.
    """
    entries: dict[tuple[str, str, str, float], ScoreEntry] = {}
    for source, claim in claims:
        for given in claim.scores:
            score = score_of(given.version, given.vector, given.stated)
            if score is not None:
                entry = ScoreEntry(given.origin, source, given.version, given.vector, score, given.scenario)
                known = entries.setdefault((given.origin, given.version, essential_vector(given.vector), score), entry)
                if known.scenario and not entry.scenario and known.source is source:
                    entries[given.origin, given.version, essential_vector(given.vector), score] = entry
    return tuple(sorted(entries.values(), key=_score_rank))


def _score_rank(entry: ScoreEntry) -> tuple[bool, int, int, bool, float, str]:
    """CVSS 2.0 comes last, of any origin; then by origin and version.

    Of several by one origin in one version, one without a scenario counts first, else the highest: their order in the
    source's file says nothing.
    """
    return (
        entry.version == "2.0",
        _ORIGIN_RANKS[entry.origin],
        _VERSION_RANKS.get(entry.version, len(VERSIONS)),
        entry.scenario != "",
        -entry.score,
        entry.vector,
    )


def _united(given: Sequence[tuple[Source, tuple[str, ...]]], key: Callable[[str], str]) -> UnitedNames:
    """For each key its shortest name; sorted, so that a new order in a source is no change."""
    found: set[str] = set()
    sources = []
    for source, names in given:
        folded = [name for name in map(fold, names) if name] if names else ()
        if folded:
            found.update(folded)
            sources.append(source)
    if len(found) < 2:
        return UnitedNames(tuple(found), (), sources)
    chosen: dict[str, str] = {}
    for name in found:
        known = chosen.setdefault(key(name), name)
        if (len(name), name) < (len(known), known):
            chosen[key(name)] = name
    names_of_keys = tuple(sorted(chosen.values()))
    others = tuple(sorted(found.difference(names_of_keys))) if len(names_of_keys) < len(found) else ()
    return UnitedNames(names_of_keys, others, sources)


def _exploitation(claims: SourcedClaims) -> tuple[ExploitationEntry, ...]:
    entries = [
        ExploitationEntry(statement.by, source, statement.since, statement.status)
        for source, claim in claims
        for statement in claim.exploitation
    ]
    return tuple(dict.fromkeys(entries))
