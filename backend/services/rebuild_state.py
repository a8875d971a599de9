"""How far the rebuild of the merged vulnerabilities has come, as facts in the database."""

from __future__ import annotations

from backend.domain.merge import MERGE_VERSION
from backend.store.repositories.metadata import FactRepository

REBUILT_UP_TO = "rebuilt_up_to"
MERGED_BY = "merge_version"
BULK = "rebuild_bulk"


def begin_rebuild(facts: FactRepository) -> None:
    facts.set(REBUILT_UP_TO, "")
    facts.set(MERGED_BY, str(MERGE_VERSION))


def begin_if_rules_changed(facts: FactRepository) -> None:
    merged_by = facts.get(MERGED_BY)
    if merged_by is not None and merged_by != str(MERGE_VERSION):
        begin_rebuild(facts)


def position(facts: FactRepository) -> str | None:
    """The last id merged by the rebuild under way, "" where it has not begun to walk; None when none is under way."""
    return facts.get(REBUILT_UP_TO)


def advance(facts: FactRepository, last_id: str) -> None:
    facts.set(REBUILT_UP_TO, last_id)


def note_bulk(facts: FactRepository, *, empty: bool) -> bool:
    """Whether the merged tables held nothing when the walk began; remembered, for a walk that goes on after a kill."""
    if empty:
        facts.set(BULK, "yes")
    return facts.get(BULK) is not None


def end(facts: FactRepository) -> None:
    facts.forget(REBUILT_UP_TO)
    facts.forget(BULK)
