"""The merge rules: one function for each field of a vulnerability.

Every rule returns the value and its provenance: the name of a source, several joined by "+", or "" if no source has a
value. The rules are the project's own; a docstring gives the reason of a rule that is not obvious.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import TypeVar

from msgspec.structs import replace

from backend.contract.names import Severity, Source, Tag
from backend.domain.canonical import canonical_address, is_cve_id, is_euvd_id, year_of
from backend.domain.claim_set import ClaimSet, SourcedClaims
from backend.domain.claims import Affected, Claim, KevEntry, Origin, RecordState
from backend.domain.cvss import severity_of
from backend.domain.text import first_sentence, plain_text
from backend.domain.vulnerability import AffectedEntry, ExploitationEntry, ReferenceEntry, ScoreEntry

MITRE_DATES_RELIABLE_FROM = 2023
"""In ids of earlier years MITRE's datePublished is often the day of a migration (known issue in cvelistV5's README)."""

Value = TypeVar("Value")
Resolved = tuple[Value, str]
"""A value and its provenance."""

RULES_IN_WORDS: dict[str, str] = {}
"""By field, its rule in one sentence for people; the windows translate it."""

Rule = TypeVar("Rule", bound=Callable[[ClaimSet], object])


def in_words(sentence: str) -> Callable[[Rule], Rule]:
    """Say a rule in words for people, under the name of its field."""

    def described(rule: Rule) -> Rule:
        RULES_IN_WORDS[rule.__name__] = sentence
        return rule

    return described


_CWE_ID = re.compile(r"CWE-[0-9]+")  # excludes NVD-CWE-noinfo and NVD-CWE-Other
_CWE_RANKS: dict[str, int] = {Origin.CNA: 0, Origin.NVD: 1, Origin.CISA_ADP: 2, Source.CISA: 3, Origin.EUVD: 4}
_SSVC_STEPS = ("", "none", "poc", "active")


@in_words("MITRE's word, since the CNA decides; NVD's where its newer record is rejected.")
def state(claims: ClaimSet) -> Resolved[RecordState]:
    """MITRE's word, since the CNA decides and may reinstate a record, unless NVD's newer record is rejected."""
    first, *_ = claims.mitre + claims.nvd + claims.authority_first
    for source, claim in claims.nvd if claims.mitre else ():
        if claim.state is RecordState.REJECTED and _is_newer(claim, first[1]):
            return RecordState.REJECTED, source
    source, claim = first
    judged = source in (Source.MITRE, Source.NVD)
    return claim.state if judged else RecordState.PUBLISHED, source


def _is_newer(claim: Claim, other: Claim) -> bool:
    return bool(claim.modified_at and other.modified_at and claim.modified_at > other.modified_at)


@in_words("The CNA's title, else CISA's, else the beginning of the description.")
def title(claims: ClaimSet) -> Resolved[str]:
    """The title of the CNA or CISA; no other source has titles, so else the beginning of the description."""
    given, winner = _first(claims.mitre + claims.cisa, lambda claim: plain_text(claim.title))
    if given:
        return given, winner
    text, winner = description(claims)
    return first_sentence(text) or claims.vulnerability_id, winner


@in_words("The CNA's own text first: MITRE, then NVD, EUVD and CISA.")
def description(claims: ClaimSet) -> Resolved[str]:
    text, winner = _first(claims.authority_first, lambda claim: plain_text(claim.description))
    return text or "", winner


@in_words("All assessments, each once.")
def scores(claims: ClaimSet) -> Resolved[tuple[ScoreEntry, ...]]:
    return claims.scores, _provenance([entry.source for entry in claims.scores])


@in_words(
    "A score of version 3 or later goes before one of version 2. Among them NVD's own counts first, then "
    "the CNA's, CISA's and EUVD's; of one origin the newest version."
)
def cvss_score(claims: ClaimSet) -> Resolved[float | None]:
    return _of_best_score(claims, lambda best: best.score)


@in_words("That of the score.")
def cvss_vector(claims: ClaimSet) -> Resolved[str | None]:
    return _of_best_score(claims, lambda best: best.vector or None)


@in_words("That of the score.")
def cvss_version(claims: ClaimSet) -> Resolved[str | None]:
    return _of_best_score(claims, lambda best: best.version or None)


@in_words("Follows from the score.")
def severity(claims: ClaimSet) -> Resolved[Severity]:
    rating, winner = _of_best_score(claims, lambda best: severity_of(best.version, best.score))
    return rating or Severity.UNKNOWN, winner


def _of_best_score(claims: ClaimSet, part: Callable[[ScoreEntry], Value | None]) -> Resolved[Value | None]:
    if not claims.scores:
        return None, ""
    best = claims.scores[0]
    value = part(best)
    return value, "" if value is None else best.source


@in_words("MITRE's date from ids of 2023 on, since its earlier ones are often the day of a migration; NVD's before.")
def published_at(claims: ClaimSet) -> Resolved[datetime | None]:
    if year_of(claims.vulnerability_id) >= MITRE_DATES_RELIABLE_FROM:
        order = claims.mitre + claims.nvd + claims.euvd
    else:
        order = claims.nvd + claims.mitre + claims.euvd
    return _first(order, lambda claim: claim.published_at)


@in_words("The newest date of all sources.")
def modified_at(claims: ClaimSet) -> Resolved[datetime | None]:
    """The newest of all sources but EPSS, which changes every record every day."""
    newest: datetime | None = None
    winner = ""
    for source, claim in claims.authority_first:
        if claim.modified_at and (newest is None or claim.modified_at > newest):
            newest, winner = claim.modified_at, source
    return newest, winner


@in_words("Whether CISA's catalogue lists it.")
def exploited_in_the_wild(claims: ClaimSet) -> Resolved[bool]:
    """Whether CISA's catalogue lists it; statements of others are kept in separate fields."""
    listing = [source for source, claim in claims.cisa if claim.kev]
    return bool(listing), _provenance(listing)


@in_words("From CISA's catalogue.")
def kev_date_added(claims: ClaimSet) -> Resolved[date | None]:
    return _of_kev_entry(claims, lambda kev: kev.date_added)


@in_words("From CISA's catalogue.")
def cisa_due_date(claims: ClaimSet) -> Resolved[date | None]:
    return _of_kev_entry(claims, lambda kev: kev.due_date)


@in_words("From CISA's catalogue.")
def known_ransomware(claims: ClaimSet) -> Resolved[bool | None]:
    return _of_kev_entry(claims, lambda kev: kev.ransomware)


@in_words("From CISA's catalogue.")
def required_action(claims: ClaimSet) -> Resolved[str]:
    text, winner = _of_kev_entry(claims, lambda kev: plain_text(kev.required_action))
    return text or "", winner


@in_words("From CISA's catalogue.")
def kev_notes(claims: ClaimSet) -> Resolved[str]:
    text, winner = _of_kev_entry(claims, lambda kev: plain_text(kev.notes))
    return text or "", winner


def _of_kev_entry(claims: ClaimSet, part: Callable[[KevEntry], Value | None]) -> Resolved[Value | None]:
    return _first(claims.cisa, lambda claim: part(claim.kev) if claim.kev else None)


@in_words("All statements.")
def exploitation(claims: ClaimSet) -> Resolved[tuple[ExploitationEntry, ...]]:
    return claims.exploitation, _provenance([entry.source for entry in claims.exploitation])


@in_words("Whether the EU's catalogue lists it.")
def eu_exploited(claims: ClaimSet) -> Resolved[bool]:
    listing = [entry.source for entry in claims.exploitation if entry.by == "eu-kev"]
    return bool(listing), _provenance(listing)


@in_words("The strongest of CISA's decisions, through whichever source it arrives.")
def ssvc_exploitation(claims: ClaimSet) -> Resolved[str]:
    """The strongest decision. CISA's decisions arrive through MITRE and NVD, one of them late; none is ever lowered."""
    strongest, winner = 0, ""
    for entry in claims.exploitation:
        if entry.by == "cisa-ssvc" and entry.status in _SSVC_STEPS and _SSVC_STEPS.index(entry.status) > strongest:
            strongest, winner = _SSVC_STEPS.index(entry.status), entry.source
    return _SSVC_STEPS[strongest], winner


@in_words("FIRST's estimate, else EUVD's copy of it.")
def epss(claims: ClaimSet) -> Resolved[float | None]:
    return _first(claims.epss + claims.euvd, lambda claim: claim.epss)


@in_words("From FIRST.")
def epss_percentile(claims: ClaimSet) -> Resolved[float | None]:
    return _first(claims.epss, lambda claim: claim.epss_percentile)


@in_words("All ids, in the order CNA, NVD, CISA, EUVD.")
def cwe_ids(claims: ClaimSet) -> Resolved[tuple[str, ...]]:
    """Each id once, ordered by origin: CNA, NVD, CISA's ADP, CISA's catalogue, EUVD."""
    found = [
        (_CWE_RANKS[Source.CISA if source == Source.CISA else weakness.origin], weakness.cwe_id, source)
        for source, claim in claims.authority_first
        for weakness in claim.weaknesses
        if _CWE_ID.fullmatch(weakness.cwe_id)
    ]
    found.sort(key=itemgetter(0))
    return tuple(dict.fromkeys(cwe_id for _, cwe_id, _ in found)), _provenance([source for _, _, source in found])


@in_words("All names, united where only the spelling differs.")
def vendors(claims: ClaimSet) -> Resolved[tuple[str, ...]]:
    return claims.vendors.names, _provenance(claims.vendors.sources)


@in_words("All names, united where only the spelling differs.")
def products(claims: ClaimSet) -> Resolved[tuple[str, ...]]:
    return claims.products.names, _provenance(claims.products.sources)


@in_words("All other spellings of the vendors and products.")
def other_names(claims: ClaimSet) -> Resolved[tuple[str, ...]]:
    """The spellings of vendors and products that others stand for."""
    return tuple(sorted({*claims.vendors.others, *claims.products.others})), ""


@in_words("All tags.")
def tags(claims: ClaimSet) -> Resolved[tuple[Tag, ...]]:
    found = [(tag, source) for source, claim in claims.authority_first for tag in claim.tags]
    return tuple(sorted({tag for tag, _ in found})), _provenance([source for _, source in found])


@in_words("From NVD.")
def nvd_status(claims: ClaimSet) -> Resolved[str]:
    """How far NVD's analysis is, which explains a missing score: since 2026-04 NVD defers most records."""
    status, winner = _first(claims.nvd, lambda claim: claim.analysis)
    return status or "", winner


@in_words("All statements; NVD's copy of the CNA's only where MITRE's record has not arrived.")
def affected_products(claims: ClaimSet) -> Resolved[tuple[AffectedEntry, ...]]:
    """NVD's copy of the CNA's statement counts only where MITRE's record has not arrived."""
    stating = claims.nvd + claims.mitre + claims.euvd
    entries = [AffectedEntry(source, _by_itself(product)) for source, claim in stating for product in claim.affected]
    if not claims.mitre:
        entries += [AffectedEntry(source, product) for source, claim in claims.nvd for product in claim.repeated]
    if len(entries) > 1:
        entries = list(dict.fromkeys(entries))
    return tuple(entries), _provenance([entry.source for entry in entries])


def _by_itself(product: Affected) -> Affected:
    """A list shows a product once, in however many configurations it occurs."""
    return replace(product, configuration=0) if product.configuration else product


@in_words("Each address once, with the tags of all sources.")
def references(claims: ClaimSet) -> Resolved[tuple[ReferenceEntry, ...]]:
    """Each address once, in the spelling of the first source, with all tags and sources."""
    entries: dict[str, ReferenceEntry] = {}
    for source, claim in claims.analysis_first:
        only_source = (source,)
        for reference in claim.references:
            address, tags = canonical_address(reference.url), reference.tags
            known = entries.get(address)
            if known is None:
                entries[address] = ReferenceEntry(reference.url, tuple(sorted(set(tags))) if tags else (), only_source)
            elif tags or source not in known.source:
                sources = known.source if source in known.source else (*known.source, source)
                all_tags = tuple(sorted({*known.tags, *tags})) if tags else known.tags
                entries[address] = ReferenceEntry(known.url, all_tags, sources)
    entries.pop("", None)
    return tuple(entries.values()), _provenance([source for entry in entries.values() for source in entry.source])


@in_words("All other ids.")
def aliases(claims: ClaimSet) -> Resolved[tuple[str, ...]]:
    """Other ids of the same vulnerability, without CVE ids: an EUVD record may name several, which are not aliases."""
    own = claims.vulnerability_id
    found = [(alias, source) for source, claim in claims.authority_first for alias in claim.aliases]
    found += [(record.key, Source.EUVD) for record in claims.records if record.key != own and is_euvd_id(record.key)]
    others = [(alias, source) for alias, source in found if alias != own and not is_cve_id(alias)]
    return tuple(sorted({alias for alias, _ in others})), _provenance([source for _, source in others])


def _first(ordered: SourcedClaims, value_of: Callable[[Claim], Value | None]) -> Resolved[Value | None]:
    """The first value that is neither None nor empty."""
    for source, claim in ordered:
        value = value_of(claim)
        if value is not None and value != "":
            return value, source
    return None, ""


def _provenance(sources: Sequence[Source]) -> str:
    """The provenance of a union: each source once, in order of first occurrence."""
    return "+".join(dict.fromkeys(sources)) if sources else ""
