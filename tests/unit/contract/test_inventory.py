from __future__ import annotations

import pytest
from pydantic import ValidationError

from backend.contract.inventory import MAX_ENTRIES, MAX_MATCHED, EntryKind, Inventory, MatchRequest, SoftwareEntry


def test_everything_but_the_name_may_be_missing_or_null() -> None:
    entry = SoftwareEntry.model_validate(
        {"name": "Tool", "publisher": None, "version": None, "cpe": None, "purl": None, "kind": None}
    )
    assert entry == SoftwareEntry(name="Tool")


@pytest.mark.parametrize("kind", ["appliance", "", 7, None])
def test_an_unknown_kind_counts_as_a_program(kind: object) -> None:
    assert SoftwareEntry.model_validate({"name": "Tool", "kind": kind}).kind == EntryKind.PROGRAM


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": "a" * 401},
        {"name": "a", "version": "1" * 401},
        {"name": "a", "publisher": 7},
    ],
)
def test_refuses_entries_without_a_name_or_with_overlong_fields(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SoftwareEntry.model_validate(entry)


def test_a_match_takes_2000_entries_and_an_inventory_20000() -> None:
    entries = [{"name": "Tool"}] * (MAX_MATCHED + 1)
    assert len(Inventory.model_validate({"software": entries}).software) == MAX_MATCHED + 1
    with pytest.raises(ValidationError):
        MatchRequest.model_validate({"software": entries})
    with pytest.raises(ValidationError):
        Inventory.model_validate({"software": [{"name": "Tool"}] * (MAX_ENTRIES + 1)})
