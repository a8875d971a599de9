"""This PC: to which group a program belongs, and the sentences above and below the list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.contract.exposure import Machine
from backend.contract.inventory import Confidence, MatchedProduct, ResolvedBy, SoftwareEntry
from backend.contract.machine_exposure import MachineExposure, ProgramExposure
from desktop.ui.pages.this_pc.groups import Group, grouped
from desktop.ui.pages.this_pc.program_facts import product_words, update_words
from desktop.ui.pages.this_pc.words import coverage, headline, machine_words

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIREFOX = MatchedProduct(
    vendor="mozilla", product="firefox", confidence=Confidence.CERTAIN, by=ResolvedBy.RULE, keys=("mozilla:firefox",)
)
KNOWN = {"product": FIREFOX, "matched": True}


def program(**facts: object) -> ProgramExposure:
    given = {"id": 1, "software": SoftwareEntry(name="Firefox", version="115.0"), **facts}
    return ProgramExposure.model_validate(given)


def headline_of(*programs: ProgramExposure, is_loaded: bool = True) -> str:
    return headline(grouped(programs), is_loaded=is_loaded)


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        ({**KNOWN, "affected": 1, "cannot_tell": 2}, Group.AFFECTED),
        ({**KNOWN, "cannot_tell": 2, "ignored": 1}, Group.UNCERTAIN),
        ({**KNOWN, "ignored": 1}, Group.IGNORED),
        ({**KNOWN, "not_affected": 9}, Group.CLEAR),
        ({**KNOWN, "matched": False}, Group.WAITING),
        ({}, Group.WAITING),
        ({"reason": "no_records", "matched": True}, Group.UNREPORTED),
        ({"reason": "part", "matched": True}, Group.PART),
        ({"reason": "ambiguous", "matched": True}, Group.UNKNOWN),
        ({"reason": "decided", "matched": True}, Group.UNKNOWN),
        ({"reason": "a reason of a newer version", "matched": True}, Group.UNKNOWN),
    ],
)
def test_the_group_of_a_program(facts: dict[str, object], group: Group) -> None:
    assert [found for found, members in grouped([program(**facts)]).items() if members] == [group]


def test_what_is_exploited_goes_first_and_the_updates_are_counted() -> None:
    exploited = program(**KNOWN, affected=40, exploited=3, update_to="128.0", mended=39)
    affected = program(**KNOWN, affected=8, update_to="2.0", mended=2)
    unmended = program(**KNOWN, affected=1)
    assert headline_of(exploited, affected, unmended) == (
        "%Ln program(s) (has|have) vulnerabilities that are being exploited. Updating %Ln program(s) mends 41 of 49."
    ).replace("%Ln", "1", 1).replace("%Ln", "2", 1)


def test_vulnerabilities_that_nobody_exploits_are_said_to_be_that() -> None:
    assert headline_of(program(**KNOWN, affected=1)).endswith("known vulnerabilities. None is known to be exploited.")


def test_nothing_found_is_an_answer_only_once_all_is_loaded() -> None:
    assert headline_of(program(**KNOWN)) == "No known vulnerability affects what is installed."
    assert headline_of(program(**KNOWN), is_loaded=False) == "The first update is still loading the vulnerabilities."
    assert headline_of(program(**KNOWN, affected=1), is_loaded=False).endswith("still loading the vulnerabilities.")


def test_what_is_ignored_is_no_clean_bill() -> None:
    assert headline_of(program(**KNOWN, ignored=2)).startswith("You ignore all")


def test_the_coverage_counts_each_program_once() -> None:
    programs = (
        program(**KNOWN, affected=1),
        program(**KNOWN),
        program(reason="ambiguous"),
        program(reason="no_records"),
        program(reason="part"),
    )
    machine = Machine(id="1", name="PC", user="", first_seen_at=NOON, last_seen_at=NOON)
    exposure = MachineExposure(machine=machine, programs=programs, windows_updates=0)
    assert coverage(grouped(programs), exposure) == (
        "2 program(s) matched, 1 without known product, 1 that nobody has ever reported on,"
        " 1 part(s) of other programs."
    )


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({**KNOWN, "affected": 3, "update_to": "128.0", "mended": 2}, "Update to 128.0: that mends 2 of 3."),
        (
            {**KNOWN, "affected": 3, "update_to": "10.0.1", "mended": 3, "is_system": True},
            "Windows Update: build 10.0.1 mends 3 of 3.",
        ),
        ({**KNOWN, "affected": 3}, "No source states a version without these vulnerabilities."),
        ({**KNOWN, "cannot_tell": 3, "not_affected": 3}, ""),
        ({"reason": "no_records", "matched": True}, ""),
    ],
)
def test_what_to_update_to(facts: dict[str, object], sentence: str) -> None:
    assert update_words(program(**facts)) == sentence


def test_a_product_that_only_the_name_suggests_is_said_to_be_probable() -> None:
    likely = FIREFOX.model_copy(update={"confidence": Confidence.LIKELY, "by": ResolvedBy.NAME})
    assert product_words(program(product=likely)) == "Compared as mozilla firefox, by the name only: probably right."


def test_a_version_that_the_records_write_otherwise_is_named() -> None:
    words = product_words(program(product=FIREFOX, version="2025.1"))
    assert words.endswith("The records call this version 2025.1.")


@pytest.mark.parametrize(
    ("own", "is_gone", "words"),
    [
        ("pc-1", False, "DESK-7 (this PC)"),
        ("pc-2", False, "DESK-7"),
        ("pc-2", True, "DESK-7 (not seen since 2026-03-02)"),
    ],
)
def test_the_list_of_machines_says_which_is_this_one_and_which_is_not_seen_any_more(
    own: str, is_gone: bool, words: str
) -> None:
    machine = Machine(id="pc-1", name="DESK-7", user="ann", first_seen_at=NOON, last_seen_at=NOON, is_gone=is_gone)
    assert machine_words(machine, own) == words
