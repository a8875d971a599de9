"""What happened to a vulnerability, one line an event, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from backend.contract.vulnerabilities import ChangeList, ExploitationClaim, FieldChange, Vulnerability
from desktop.ui.formatting import day, translate
from desktop.ui.pages.vulnerabilities.record.facts import (
    authority_words,
    field_title,
    field_value_words,
    source_words,
    status_words,
    value_words,
)
from desktop.ui.pages.vulnerabilities.record.line import Line

Event = tuple[datetime, str, str, str]
"""Moment, the date as it is shown, what happened, the source."""
_NOT_ACTIVE = "none"


def timeline(item: Vulnerability, history: ChangeList) -> tuple[Line, ...]:
    """Published, listed as exploited, due, first seen here, and each change of a field."""
    events = sorted([*_milestones(item), *map(_change, history.changes)], key=lambda event: event[0], reverse=True)
    return tuple(Line((shown, words, source)) for _, shown, words, source in events)


def _milestones(item: Vulnerability) -> Iterator[Event]:
    provenance = item.provenance
    if item.published_at:
        source = source_words(provenance.get("published_at", ""))
        yield _at(item.published_at, translate("vulnerability", "Published"), source)
    yield _at(item.first_seen_at, translate("vulnerability", "First seen by this program"), "")
    if item.cisa_due_date:
        yield _on(item.cisa_due_date, translate("vulnerability", "Due date set by CISA"), source_words("cisa"))
    for claim in {(claim.by, claim.since): claim for claim in item.exploitation}.values():
        if claim.since and claim.status != _NOT_ACTIVE:
            yield _on(claim.since, _claimed(claim), source_words(claim.source))


def _claimed(claim: ExploitationClaim) -> str:
    if claim.by == "cisa-kev":
        return translate("vulnerability", "Added to CISA's known exploited vulnerabilities")
    if claim.by == "eu-kev":
        return translate("vulnerability", "Added to the EU's known exploited vulnerabilities")
    return translate("vulnerability", "{0}: {1}").format(authority_words(claim.by), status_words(claim.status))


def _change(change: FieldChange) -> Event:
    title = field_title(change.field)
    if isinstance(change.old, list) and isinstance(change.new, list):
        removed = value_words([entry for entry in change.old if entry not in change.new])
        added = value_words([entry for entry in change.new if entry not in change.old])
        words = _list_change(title, removed, added)
    else:
        old, new = (field_value_words(change.field, value) for value in (change.old, change.new))
        words = translate("vulnerability", "{0}: {1} → {2}").format(title, old, new)
    return _at(change.changed_at, words, source_words(change.source))


def _list_change(title: str, removed: str, added: str) -> str:
    nothing = value_words([])
    if removed == nothing:
        return translate("vulnerability", "{0} added: {1}").format(title, added)
    if added == nothing:
        return translate("vulnerability", "{0} removed: {1}").format(title, removed)
    return translate("vulnerability", "{0} removed: {1}; added: {2}").format(title, removed, added)


def _at(moment: datetime, words: str, source: str) -> Event:
    return moment, day(moment), words, source


def _on(given: date, words: str, source: str) -> Event:
    return datetime.combine(given, time.min, UTC), given.isoformat(), words, source
