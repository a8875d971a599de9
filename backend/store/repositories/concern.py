"""What concerns the users of this database: the scope `mine` of lists and of the Inbox, and the part of one PC.

It is what affects a machine and is neither ignored nor resolved, and what is watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, union

from backend.contract.exposure import FindingState
from backend.contract.inventory import FindingVerdict
from backend.domain.search import WatchedTerms
from backend.domain.search_text import AllOf, AnyOf, Match, Token, product_facet, read_text, vendor_facet
from backend.store.dialects import search_index_of
from backend.store.exposure_tables import findings, machines, program_matches
from backend.store.repositories.search_filters import numbers_of, selected
from backend.store.tables import vulnerabilities

_MATCH = program_matches.c

is_affected: ColumnElement[bool] = and_(
    _MATCH.program_id == findings.c.program_id,
    _MATCH.cve_id == findings.c.cve_id,
    _MATCH.verdict == FindingVerdict.AFFECTED,
)
"""Joins findings and matches: the program is affected, not only possibly."""

is_concerning: ColumnElement[bool] = findings.c.state.in_((FindingState.OPEN, FindingState.ACKNOWLEDGED))


def is_of_pc(machine_id: str) -> ColumnElement[bool]:
    """Whether a machine is one of a PC: the PC itself, or one of which it sent a list. Unknown for older rows."""
    return machines.c.sent_by.in_((machine_id, ""))


def concerns(connection: Connection, watched: Iterable[WatchedTerms]) -> ColumnElement[bool]:
    """Whether a row of `vulnerabilities` concerns."""
    found = vulnerabilities.c.id.in_(numbers_of(concerning_ids()))
    numbers = watched_numbers(connection, watched)
    return found if numbers is None else or_(found, vulnerabilities.c.id.in_(numbers))


def concerning_ids() -> Select[str]:
    """The CVE ids of all findings that concern."""
    return select(findings.c.cve_id).join(program_matches, is_affected).where(is_concerning)


def watched_numbers(connection: Connection, watched: Iterable[WatchedTerms]) -> Select[int] | None:
    """The rows that one of the terms matches; None if there is no term."""
    terms = list(watched)
    matches = tuple(match for each in terms if (match := _match(each)) is not None)
    chosen = [search_index_of(connection).matching(AnyOf(matches))] if matches else []
    if programs := [each.program for each in terms if each.program]:
        chosen.append(_affecting(programs))
    chosen += [selected(connection, each.query) for each in terms if each.query]
    return select(union(*chosen).subquery().c[0]) if len(chosen) > 1 else next(iter(chosen), None)


def _affecting(programs: Sequence[int]) -> Select[int]:
    affecting = select(_MATCH.cve_id).where(_MATCH.program_id.in_(programs), _MATCH.verdict == FindingVerdict.AFFECTED)
    return select(vulnerabilities.c.id).where(vulnerabilities.c.cve_id.in_(affecting))


def _match(terms: WatchedTerms) -> Match | None:
    """What the names and the text match; None where something else decides, or nothing is given."""
    if terms.program or terms.query:
        return None
    named = [vendor_facet(terms.vendor)] if terms.vendor else []
    named += [product_facet(terms.product)] if terms.product else []
    text = read_text(terms.text)
    matches = (*map(Token, named), *([text.matches] if text else []))
    return AllOf(matches) if matches else None
