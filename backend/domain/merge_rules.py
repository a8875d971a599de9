"""How each field of a vulnerability is settled.

Every rule gives the value and the winner: a source's name, several joined by "+", or "" where nobody said anything.
The rules are the project's own; where one is not plain, its reason stands with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from backend.contract.names import Severity, Source
from backend.domain.canonical import address_of, first_sentence, fold, is_cve_id, is_euvd_id, year_of
from backend.domain.claim_set import ClaimSet, SourcedClaims
from backend.domain.claims import Claim, KevEntry, Origin, RecordState
from backend.domain.cvss import severity_of
from backend.domain.vulnerability import AffectedEntry, ExploitationEntry, ReferenceEntry, ScoreEntry

MITRE_DATES_RELIABLE_FROM = 2023
"""For ids of older years MITRE's datePublished is often the day of a migration (known issue in cvelistV5's README)."""

Value = TypeVar("Value")
Resolved = tuple[Value, str]

_CWE_ID = re.compile(r"CWE-[0-9]+")  # leaves out NVD-CWE-noinfo and NVD-CWE-Other
_CWE_PLACES: dict[str, int] = {Origin.CNA: 0, Origin.NVD: 1, Origin.CISA_ADP: 2, Source.CISA: 3, Origin.EUVD: 4}
_SSVC_STEPS = ("", "none", "poc", "active")


def state(said: ClaimSet) -> Resolved[RecordState]:
    """A CVE is rejected where the CNA's record or NVD says so: either may be behind the other."""
    for source, claim in said.mitre + said.nvd:
        if claim.state == RecordState.REJECTED:
            return RecordState.REJECTED, source
    return RecordState.PUBLISHED, said.authority_first[0][0]


def title(said: ClaimSet) -> Resolved[str]:
    """Only CNAs and CISA give titles; for the rest, how the description begins must do."""
    given, winner = _first(said.mitre + said.cisa, lambda claim: claim.title.strip())
    if given:
        return given, winner
    text, winner = description(said)
    return first_sentence(text) or said.vulnerability_id, winner


def description(said: ClaimSet) -> Resolved[str]:
    text, winner = _first(said.authority_first, lambda claim: claim.description.strip())
    return text or "", winner


def scores(said: ClaimSet) -> Resolved[tuple[ScoreEntry, ...]]:
    return said.scores, _united([entry.source for entry in said.scores])


def cvss_score(said: ClaimSet) -> Resolved[float | None]:
    return _of_best_score(said, lambda best: best.score)


def cvss_vector(said: ClaimSet) -> Resolved[str | None]:
    return _of_best_score(said, lambda best: best.vector or None)


def cvss_version(said: ClaimSet) -> Resolved[str | None]:
    return _of_best_score(said, lambda best: best.version or None)


def severity(said: ClaimSet) -> Resolved[Severity]:
    rating, winner = _of_best_score(said, lambda best: severity_of(best.version, best.score))
    return rating or Severity.UNKNOWN, winner


def _of_best_score(said: ClaimSet, part: Callable[[ScoreEntry], Value | None]) -> Resolved[Value | None]:
    if not said.scores:
        return None, ""
    best = said.scores[0]
    value = part(best)
    return value, "" if value is None else best.source


def published_at(said: ClaimSet) -> Resolved[datetime | None]:
    if year_of(said.vulnerability_id) >= MITRE_DATES_RELIABLE_FROM:
        order = said.mitre + said.nvd + said.euvd
    else:
        order = said.nvd + said.mitre + said.euvd
    return _first(order, lambda claim: claim.published_at)


def modified_at(said: ClaimSet) -> Resolved[datetime | None]:
    """EPSS is not asked: it speaks of every record every day."""
    newest: datetime | None = None
    winner = ""
    for source, claim in said.authority_first:
        if claim.modified_at and (newest is None or claim.modified_at > newest):
            newest, winner = claim.modified_at, source
    return newest, winner


def exploited_in_the_wild(said: ClaimSet) -> Resolved[bool]:
    """CISA's catalogue alone decides; what others say is kept beside it."""
    return bool(said.cisa), _united([source for source, _ in said.cisa])


def kev_date_added(said: ClaimSet) -> Resolved[date | None]:
    return _of_catalogue(said, lambda kev: kev.date_added)


def cisa_due_date(said: ClaimSet) -> Resolved[date | None]:
    return _of_catalogue(said, lambda kev: kev.due_date)


def known_ransomware(said: ClaimSet) -> Resolved[bool | None]:
    return _of_catalogue(said, lambda kev: kev.ransomware)


def required_action(said: ClaimSet) -> Resolved[str]:
    text, winner = _of_catalogue(said, lambda kev: kev.required_action)
    return text or "", winner


def kev_notes(said: ClaimSet) -> Resolved[str]:
    text, winner = _of_catalogue(said, lambda kev: kev.notes)
    return text or "", winner


def _of_catalogue(said: ClaimSet, part: Callable[[KevEntry], Value | None]) -> Resolved[Value | None]:
    return _first(said.cisa, lambda claim: part(claim.kev) if claim.kev else None)


def exploitation(said: ClaimSet) -> Resolved[tuple[ExploitationEntry, ...]]:
    return said.exploitation, _united([entry.source for entry in said.exploitation])


def eu_exploited(said: ClaimSet) -> Resolved[bool]:
    listing = [entry.source for entry in said.exploitation if entry.by == "eu-kev"]
    return bool(listing), _united(listing)


def ssvc_exploitation(said: ClaimSet) -> Resolved[str]:
    """CISA's word comes by MITRE and by NVD, one of them late. The graver one counts: exploitation is not undone."""
    strongest, winner = 0, ""
    for entry in said.exploitation:
        if entry.by == "cisa-ssvc" and entry.status in _SSVC_STEPS and _SSVC_STEPS.index(entry.status) > strongest:
            strongest, winner = _SSVC_STEPS.index(entry.status), entry.source
    return _SSVC_STEPS[strongest], winner


def epss(said: ClaimSet) -> Resolved[float | None]:
    return _first(said.epss + said.euvd, lambda claim: claim.epss)


def epss_percentile(said: ClaimSet) -> Resolved[float | None]:
    return _first(said.epss, lambda claim: claim.epss_percentile)


def cwe_ids(said: ClaimSet) -> Resolved[tuple[str, ...]]:
    """By who made the statement: the CNA, NVD, CISA's ADP; CISA's catalogue last. Each id once."""
    found = [
        (_CWE_PLACES[Source.CISA if source == Source.CISA else weakness.origin], weakness.cwe_id, source)
        for source, claim in said.authority_first
        for weakness in claim.weaknesses
        if _CWE_ID.fullmatch(weakness.cwe_id)
    ]
    found.sort(key=lambda one: one[0])
    return tuple(dict.fromkeys(cwe_id for _, cwe_id, _ in found)), _united([source for _, _, source in found])


def vendors(said: ClaimSet) -> Resolved[tuple[str, ...]]:
    return _names(said, lambda claim: claim.vendors)


def products(said: ClaimSet) -> Resolved[tuple[str, ...]]:
    return _names(said, lambda claim: claim.products)


def _names(said: ClaimSet, given: Callable[[Claim], tuple[str, ...]]) -> Resolved[tuple[str, ...]]:
    """Sorted, so that a source which only reorders its products changes nothing."""
    found = [(fold(name), source) for source, claim in said.analysis_first for name in given(claim)]
    return tuple(sorted({name for name, _ in found if name})), _united([source for name, source in found if name])


def affected_products(said: ClaimSet) -> Resolved[tuple[AffectedEntry, ...]]:
    voices = said.nvd + said.mitre + said.euvd
    entries = [AffectedEntry(source, product) for source, claim in voices for product in claim.affected]
    if len(entries) > 1:
        entries = list(dict.fromkeys(entries))
    return tuple(entries), _united([entry.source for entry in entries])


def references(said: ClaimSet) -> Resolved[tuple[ReferenceEntry, ...]]:
    """Each address once, as the first to name it spells it."""
    entries: dict[str, ReferenceEntry] = {}
    for source, claim in said.analysis_first:
        alone = (source,)
        for reference in claim.references:
            address, tags = address_of(reference.url), reference.tags
            known = entries.get(address)
            if known is None:
                entries[address] = ReferenceEntry(reference.url, tuple(sorted(set(tags))) if tags else (), alone)
            elif tags or source not in known.source:
                sources = known.source if source in known.source else (*known.source, source)
                both = tuple(sorted({*known.tags, *tags})) if tags else known.tags
                entries[address] = ReferenceEntry(known.url, both, sources)
    entries.pop("", None)
    return tuple(entries.values()), _united([source for entry in entries.values() for source in entry.source])


def aliases(said: ClaimSet) -> Resolved[tuple[str, ...]]:
    """Other names of the same vulnerability. A CVE id is none of them, even where one EUVD record names several."""
    own = said.vulnerability_id
    found = [(alias, source) for source, claim in said.authority_first for alias in claim.aliases]
    found += [(record.key, Source.EUVD) for record in said.records if record.key != own and is_euvd_id(record.key)]
    others = [(alias, source) for alias, source in found if alias != own and not is_cve_id(alias)]
    return tuple(sorted({alias for alias, _ in others})), _united([source for _, source in others])


def _first(voices: SourcedClaims, answer: Callable[[Claim], Value | None]) -> Resolved[Value | None]:
    """The first answer that says something, and whose it is."""
    for source, claim in voices:
        value = answer(claim)
        if value is not None and value != "":
            return value, source
    return None, ""


def _united(sources: Sequence[Source]) -> str:
    """Each once, in the order in which they were heard."""
    return "+".join(dict.fromkeys(sources)) if sources else ""
