"""The order of pages that end in any order."""

from __future__ import annotations

from backend.contract.names import Source
from backend.services.update.outcome import PartOutcome
from backend.services.update.page_execution import OpenPages

DONE = [PartOutcome(Source.NVD)]


def taken(pages: OpenPages[str]) -> list[str]:
    return [written for written, _ in pages.take_written()]


def test_a_page_is_taken_when_it_and_all_before_it_are_written() -> None:
    pages = OpenPages[str]()
    first, second, third = (pages.add(name, set()) for name in ("1", "2", "3"))
    pages.note(second, DONE)
    assert taken(pages) == []
    pages.note(first, DONE)
    assert taken(pages) == ["1", "2"]
    assert pages
    pages.note(third, DONE)
    assert taken(pages) == ["3"]
    assert not pages


def test_each_page_is_taken_once_with_its_own_outcomes() -> None:
    pages = OpenPages[str]()
    outcomes = [PartOutcome(Source.NVD, added=1)]
    pages.note(pages.add("1", set()), outcomes)
    assert [given for _, given in pages.take_written()] == [outcomes]
    assert taken(pages) == []


def test_pages_with_a_vulnerability_in_common_meet_until_the_first_is_taken() -> None:
    pages = OpenPages[str]()
    number = pages.add("1", {"CVE-2024-1000", "CVE-2024-1001"})
    assert pages.meet({"CVE-2024-1001"})
    assert not pages.meet({"CVE-2024-1002"})
    pages.note(number, DONE)
    assert pages.meet({"CVE-2024-1001"}), "it may still be read again"
    taken(pages)
    assert not pages.meet({"CVE-2024-1001"})


def test_a_record_whose_vulnerability_is_unknown_meets_every_page() -> None:
    pages = OpenPages[str]()
    assert not pages.meet({None})
    pages.add("1", {"CVE-2024-1000"})
    assert pages.meet({None})
    unknown = OpenPages[str]()
    unknown.add("1", {None})
    assert unknown.meet({"CVE-2024-1000"}), "whichever of the two comes first"
