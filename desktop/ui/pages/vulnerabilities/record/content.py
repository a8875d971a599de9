"""A record made ready to be shown, in the background: the windows then only put texts into their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backend.contract.vulnerabilities import ChangeList, CvssScore, ExploitationClaim, Reference, Vulnerability
from desktop.api_client.client import ApiClient
from desktop.ui.pages.vulnerabilities.record.fields import change_words, field_title, from_words, source_words
from desktop.ui.pages.vulnerabilities.record.products import product_words, version_words
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look, exploited_look, severity_look
from desktop.ui.words import absolute, day, number, one_line, percent, plain, safe_link, translate

SHORT = 1500
"""Characters of a description that are shown at once."""
_LONGEST = 200_000
_NAMES = 12
_LONG_PARAGRAPH = re.compile(r"[^\n]{1500}[^\n ]{0,500} ?")
"""Is broken there: a paragraph is laid out as a whole, and one of 100,000 letters takes too long."""
_REJECTED = "REJECTED"


@dataclass(frozen=True)
class Fact:
    """code: to be shown in the fixed-width font. tip: whose word it is."""

    label: str
    text: str
    tip: str = ""
    code: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a table: its cells; link: what opens, where that is safe."""

    cells: tuple[str, ...]
    link: str = ""


@dataclass(frozen=True)
class Content:
    """description: at most SHORT characters of `whole_description`, which is the same where there are no more."""

    cve_id: str
    title: str
    title_tip: str
    looks: tuple[Look, ...]
    facts: tuple[Fact, ...]
    description: str
    whole_description: str
    description_tip: str
    affected: tuple[Line, ...]
    references: tuple[Line, ...]
    changes: tuple[Line, ...]
    changes_total: int


def fetch(client: ApiClient, cve_id: str) -> Content:
    """Raises ApiError."""
    return content_of(client.vulnerability(cve_id), client.changes(cve_id))


def content_of(item: Vulnerability, history: ChangeList) -> Content:
    whole = _LONG_PARAGRAPH.sub(lambda part: f"{part.group().rstrip()}\n", plain(item.description, _LONGEST))
    said = item.provenance
    return Content(
        cve_id=item.cve_id,
        title=one_line(item.title) or item.cve_id,
        title_tip=from_words(said.get("title")),
        looks=_looks(item),
        facts=tuple(fact for fact in _facts(item) if fact.text),
        description=whole if len(whole) <= SHORT else f"{whole[:SHORT]}…",
        whole_description=whole,
        description_tip=from_words(said.get("description")),
        affected=tuple(dict.fromkeys(_affected(item))),
        references=tuple(sorted(map(_reference, item.references), key=lambda line: line.cells[0] or "~")),
        changes=tuple(_changes(history)),
        changes_total=history.total,
    )


def _looks(item: Vulnerability) -> tuple[Look, ...]:
    severity = severity_look(item.severity)
    if item.cvss_score is not None:
        severity = Look(severity.icon, f"{severity.word} {number(item.cvss_score, 1)}", severity.tone)
    looks = [severity]
    if item.exploited_in_the_wild:
        looks.append(exploited_look())
    if item.known_ransomware:
        looks.append(Look("lock-alert", translate("vulnerability", "Ransomware"), Tone.BAD))
    if item.eu_exploited:
        looks.append(Look("fire", translate("vulnerability", "Exploited, says the EU"), Tone.BAD))
    if item.state == _REJECTED:
        looks.append(Look("cancel", translate("vulnerability", "Rejected"), Tone.NEUTRAL))
    return tuple(looks)


def _facts(item: Vulnerability) -> list[Fact]:
    said = item.provenance
    reasons = "\n".join((number(item.priority_score, 3), *map(one_line, item.priority_reasons)))
    facts = [Fact(translate("vulnerability", "Priority"), reasons)]
    facts += _exploited_facts(item)
    for score in item.cvss_scores:
        facts += _score_facts(score)
    facts.append(Fact(translate("vulnerability", "EPSS"), _epss(item), from_words(said.get("epss"))))
    for field, names in (
        ("cwe_ids", item.cwe_ids),
        ("vendors", item.vendors),
        ("products", item.products),
        ("aliases", item.aliases),
    ):
        facts.append(Fact(field_title(field), _some(names), from_words(said.get(field))))
    for title, field, moment in (
        (field_title("published_at"), "published_at", item.published_at),
        (translate("vulnerability", "Modified"), "modified_at", item.modified_at),
    ):
        facts.append(Fact(title, absolute(moment) if moment else "", from_words(said.get(field))))
    facts.append(Fact(field_title("sources"), source_words("+".join(item.sources))))
    facts.append(Fact(translate("vulnerability", "Here since"), absolute(item.first_seen_at)))
    return facts


def _exploited_facts(item: Vulnerability) -> list[Fact]:
    said = item.provenance
    ransomware = {
        True: translate("vulnerability", "used in campaigns"),
        False: translate("vulnerability", "no use in campaigns known"),
        None: "",
    }[item.known_ransomware]
    given = (
        ("kev_date_added", item.kev_date_added.isoformat() if item.kev_date_added else ""),
        ("cisa_due_date", item.cisa_due_date.isoformat() if item.cisa_due_date else ""),
        ("required_action", plain(item.required_action, SHORT)),
        ("known_ransomware", ransomware),
        ("kev_notes", plain(item.kev_notes, SHORT)),
        ("exploitation", "\n".join(dict.fromkeys(map(_claim, item.exploitation)))),
    )
    return [Fact(field_title(field), text, from_words(said.get(field))) for field, text in given]


def _claim(claim: ExploitationClaim) -> str:
    who = {
        "cisa-kev": translate("vulnerability", "CISA, known exploited vulnerabilities"),
        "eu-kev": translate("vulnerability", "EU, known exploited vulnerabilities"),
        "euvd": translate("vulnerability", "EUVD"),
        "cisa-ssvc": translate("vulnerability", "CISA, assessment (SSVC)"),
    }.get(claim.by, one_line(claim.by))
    what = {
        "active": translate("vulnerability", "exploited"),
        "poc": translate("vulnerability", "an exploit is public"),
        "none": translate("vulnerability", "no exploitation seen"),
    }.get(claim.status, one_line(claim.status))
    if claim.since is None:
        return translate("vulnerability", "{0}: {1}").format(who, what)
    return translate("vulnerability", "{0}: {1} since {2}").format(who, what, claim.since.isoformat())


def _score_facts(score: CvssScore) -> tuple[Fact, ...]:
    label = translate("vulnerability", "CVSS {0}").format(one_line(score.version))
    by = one_line(score.origin).upper()
    passed_on = source_words(score.source)
    words = translate("vulnerability", "{0} by {1}").format(number(score.score, 1), by)
    return Fact(label, words, from_words(passed_on)), Fact("", one_line(score.vector), from_words(passed_on), code=True)


def _epss(item: Vulnerability) -> str:
    if item.epss is None:
        return ""
    chance = translate("vulnerability", "{0} likely to be exploited within 30 days").format(percent(item.epss, 2))
    if item.epss_percentile is None:
        return chance
    rank = translate("vulnerability", "more than {0} of all").format(percent(item.epss_percentile, 1))
    return translate("vulnerability", "{0}, {1}").format(chance, rank)


def _affected(item: Vulnerability) -> list[Line]:
    return [
        Line((product_words(entry), version_words(entry), source_words(entry.source)))
        for entry in item.affected_products
    ]


def _reference(reference: Reference) -> Line:
    tags = one_line(", ".join(tag.replace("-", " ") for tag in sorted(reference.tags)))
    told = source_words("+".join(reference.source)) if reference.source else ""
    return Line((tags, one_line(reference.url, 2000), told), safe_link(reference.url))


def _changes(history: ChangeList) -> list[Line]:
    return [
        Line(
            (_moment(change.changed_at), field_title(change.field), *change_words(change), source_words(change.source))
        )
        for change in history.changes
    ]


def _moment(moment: datetime) -> str:
    return day(moment)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 100) for name in names[:_NAMES])
    more = len(names) - _NAMES
    return translate("vulnerability", "{0} and {1} more").format(shown, number(more)) if more > 0 else shown
