"""A record as formatted texts, made in the background so that the window only has to place them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend.client.api import ApiClient
from backend.contract.exposure import FindingPage
from backend.contract.record_details import EpssTrend, FixList
from backend.contract.vulnerabilities import AffectedProduct, ChangeList, Vulnerability
from desktop.ui.formatting import number, one_line, plain, translate
from desktop.ui.pages.vulnerabilities.record.concern import Concern, finding_lines, fix_lines, place_words
from desktop.ui.pages.vulnerabilities.record.facts import SHORT, Fact, facts_of, source_tip, source_words
from desktop.ui.pages.vulnerabilities.record.line import Line
from desktop.ui.pages.vulnerabilities.record.links import link_lines
from desktop.ui.pages.vulnerabilities.record.products import product_words, version_words
from desktop.ui.pages.vulnerabilities.record.timeline import timeline
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.looks import Look, exploited_look, severity_look

MOST_FINDINGS = 100
_MAX_LENGTH = 200_000
_LONG_PARAGRAPH = re.compile(r"[^\n]{1500}[^\n ]{0,500} ?")
"""Where long paragraphs are split: Qt lays out a paragraph as a whole, which takes too long for 100,000 characters."""
_REJECTED = "REJECTED"
_OLD_VERSION = "2.0"


@dataclass(frozen=True)
class Answers:
    """All that the API says of a record. machine: the id of this PC; "" while it is not known."""

    item: Vulnerability
    history: ChangeList
    fixes: FixList
    findings: FindingPage
    trend: EpssTrend
    machine: str = ""


@dataclass(frozen=True)
class Content:
    """description: at most SHORT characters of `whole_description`. place: where the findings are. is_scanned: what is
    installed here is known."""

    item: Vulnerability
    title: str
    title_tip: str
    looks: tuple[Look, ...]
    fixes: tuple[Concern, ...]
    findings: tuple[Concern, ...]
    place: str
    is_scanned: bool
    facts: tuple[Fact, ...]
    trend: EpssTrend
    description: str
    whole_description: str
    description_tip: str
    affected: tuple[Line, ...]
    references: tuple[Line, ...]
    events: tuple[Line, ...]
    events_total: int

    @property
    def cve_id(self) -> str:
        return self.item.cve_id


def fetch(client: ApiClient, cve_id: str, machine: str) -> Content:
    """Fetch and format a record. machine: the id of this PC; "" while it is not known.

    Raises:
        ApiError: the API cannot be reached or refused the request.
    """
    item = client.vulnerability(cve_id)
    findings = client.findings({"cve_id": item.cve_id, "page_size": MOST_FINDINGS})
    trend = client.epss_trend(item.cve_id)
    return content_of(Answers(item, client.changes(item.cve_id), client.fixes(item.cve_id), findings, trend, machine))


def content_of(answers: Answers) -> Content:
    item, history = answers.item, answers.history
    whole = _LONG_PARAGRAPH.sub(lambda part: f"{part.group().rstrip()}\n", plain(item.description, _MAX_LENGTH))
    events = timeline(item, history)
    return Content(
        item=item,
        title=one_line(item.title) or item.cve_id,
        title_tip=source_tip(item.provenance.get("title")),
        looks=_looks(item),
        fixes=fix_lines(answers.fixes.items),
        findings=finding_lines(answers.findings, answers.machine),
        place=place_words(answers.findings, answers.machine),
        is_scanned=bool(answers.machine),
        facts=tuple(fact for fact in facts_of(item) if fact.text),
        trend=answers.trend,
        description=whole if len(whole) <= SHORT else f"{whole[:SHORT]}…",
        whole_description=whole,
        description_tip=source_tip(item.provenance.get("description")),
        affected=tuple(dict.fromkeys(map(_affected, item.affected_products))),
        references=link_lines(item),
        events=events,
        events_total=len(events) + history.total - len(history.changes),
    )


def _looks(item: Vulnerability) -> tuple[Look, ...]:
    looks = [_severity(item)]
    if item.exploited_in_the_wild:
        looks.append(exploited_look())
    if item.known_ransomware:
        looks.append(Look("lock-alert", translate("vulnerability", "Ransomware"), Tone.BAD))
    if item.eu_exploited:
        looks.append(Look("fire", translate("vulnerability", "Exploited (EU)"), Tone.BAD))
    looks += [Look("information", _tag_words(tag), Tone.NEUTRAL) for tag in item.tags]
    if item.state == _REJECTED:
        looks.append(Look("cancel", translate("vulnerability", "Rejected"), Tone.NEUTRAL))
    return tuple(looks)


def _severity(item: Vulnerability) -> Look:
    look = severity_look(item.severity)
    if item.cvss_score is None:
        return look
    words = f"{look.word} {number(item.cvss_score, 1)}"
    if item.cvss_version == _OLD_VERSION:
        words = translate("vulnerability", "{0} (CVSS v2)").format(words)
    return Look(look.icon, words, look.tone)


def _tag_words(tag: str) -> str:
    return {
        "disputed": translate("vulnerability", "Disputed"),
        "unsupported-when-assigned": translate("vulnerability", "Unsupported"),
        "exclusively-hosted-service": translate("vulnerability", "Hosted service"),
    }.get(tag, one_line(tag))


def _affected(entry: AffectedProduct) -> Line:
    return Line((product_words(entry), version_words(entry), source_words(entry.source)))
