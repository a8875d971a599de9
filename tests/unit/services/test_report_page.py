"""The page of a report: its words, what it joins, and what it leaves out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.contract.names import Severity
from backend.contract.report import (
    OverdueItem,
    Report,
    ReportFigures,
    ReportItem,
    ReportKind,
    ReportProgram,
    ReportScope,
)
from backend.services.report.html import MAX_ROWS, as_html, headline

NOW = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def report(*items: ReportItem, **more: object) -> Report:
    facts: dict[str, object] = {
        "generated_at": NOW,
        "scope": ReportScope.MINE,
        "since": NOW - timedelta(days=7),
        "until": NOW,
        "previous_since": NOW - timedelta(days=14),
        "machines": 2,
        "figures": ReportFigures(),
        "previous": ReportFigures(),
        "items": items,
        "items_total": len(items),
    }
    return Report.model_validate({**facts, **more})


def item(number: int = 1, kind: ReportKind = ReportKind.NEW, **more: object) -> ReportItem:
    facts: dict[str, object] = {"happened_at": NOW, "cve_id": f"CVE-2026-{number:04}", "kind": kind}
    if kind in (ReportKind.NEW, ReportKind.FIXED):
        facts |= {"machine": "PC-1", "program": "Firefox", "version": "115.0"}
    return ReportItem.model_validate({**facts, **more})


def page(*items: ReportItem, **more: object) -> str:
    return as_html(report(*items, **more), BERLIN)


@pytest.mark.parametrize(
    ("figures", "overdue", "words"),
    [
        (ReportFigures(), 0, "Nothing new and nothing fixed."),
        (ReportFigures(), 3, "Nothing new and nothing fixed. 3 overdue."),
        (ReportFigures(new=5, exploited=2, fixed=1200), 1, "5 new, 2 exploited. 1,200 fixed, 1 overdue."),
        (ReportFigures(new=5), 0, "5 new, none exploited. 0 fixed, 0 overdue."),
    ],
)
def test_the_headline(figures: ReportFigures, overdue: int, words: str) -> None:
    assert headline(report(figures=figures, overdue=overdue)) == words


def test_the_trend_is_said_in_words() -> None:
    figures = {"figures": ReportFigures(new=5, fixed=1), "previous": ReportFigures(new=3, exploited=0, fixed=4)}
    shown = page(**figures)
    for words in ("2 more than in the 7 days before", "3 fewer than", "as many as in the 7 days before"):
        assert words in shown


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=1), "24 hours before"),
        (timedelta(days=23, hours=5), "23 days before"),
        (timedelta(minutes=20), "20 min before"),
    ],
)
def test_the_period_is_named_by_its_length(length: timedelta, words: str) -> None:
    assert words in page(since=NOW - length)


def test_times_are_those_of_the_zone() -> None:
    assert "2026-11-22 00:30 to 2026-11-29 00:30" in page(item())


def test_the_same_on_several_machines_is_one_row() -> None:
    shown = page(*(item(machine=f"PC-{number}") for number in range(5)))
    assert shown.count("CVE-2026-0001</a>") == 1
    assert "PC-0, PC-1, PC-2 and 2 more" in shown


def test_one_machine_needs_no_column_for_it() -> None:
    shown = page(item(), machine="PC-1", machines=1)
    assert "<th>PCs" not in shown
    assert "PC-1" in shown


def test_what_ended_says_why_and_what_is_new_what_to_do() -> None:
    shown = page(item(1, fixed_in="128.0"), item(2, ReportKind.FIXED, reason="Updated to 128.0."))
    assert "update to 128.0" in shown
    assert "Updated to 128.0." in shown


def test_other_news_say_what_happened() -> None:
    shown = page(
        item(1, ReportKind.EPSS_ROSE, epss_before=0.02, epss_after=0.61),
        item(2, ReportKind.DUE_SOON, due_date=date(2026, 12, 3)),
        item(3, ReportKind.CRITICAL, severity=Severity.CRITICAL),
        item(4, ReportKind.EXPLOITED, exploited=True),
    )
    for words in ("EPSS rose from 2% to 61%", "Due soon, due 2026-12-03", "Critical", "Now exploited"):
        assert words in shown


def test_what_is_exploited_is_said_in_words_and_comes_first() -> None:
    shown = page(item(1, exploited=True), item(2))
    assert shown.index("<h2>Exploited") < shown.index("CVE-2026-0001") < shown.index("CVE-2026-0002")
    assert '<span class="bad">Exploited</span>' in shown


def test_a_long_list_is_cut_and_that_is_said() -> None:
    shown = page(*(item(number) for number in range(MAX_ROWS + 5)), items_total=20_000)
    assert shown.count("<a href=") == MAX_ROWS
    assert f"{20_000 - MAX_ROWS:,} more are not listed here." in " ".join(shown.split())
    assert "1,005 most urgent of 20,000" in " ".join(shown.split())


def test_what_is_not_counted_is_not_listed_and_that_is_said() -> None:
    shown = page(item(counted=False))
    assert "CVE-2026-0001" not in shown
    assert "1 finding" in shown


def test_programs_say_what_to_update_to_and_what_that_leaves() -> None:
    firefox = {"name": "Firefox", "version": "115.0", "affected": 9, "exploited": 2, "update_to": "128.0", "mended": 7}
    programs = (
        ReportProgram(machines=("PC-1",), **firefox),
        ReportProgram(name="<b>Paint", version="1.0", machines=("PC-1", "PC-2"), affected=1, exploited=0),
    )
    shown = page(programs=programs, open=10)
    assert "10 open vulnerabilities in 2 programs" in shown
    for words in ("<b>128.0</b>", "fixes 7 of 9", "no fixed version", "&lt;b&gt;Paint"):
        assert words in shown


def test_overdue_names_the_date_and_the_program_or_that_it_is_watched() -> None:
    overdue = (
        OverdueItem(cve_id="CVE-2026-1", title="A flaw", due_date=date(2026, 11, 1), machine="PC-1", program="Firefox"),
        OverdueItem(cve_id="CVE-2026-2222", title="", due_date=date(2026, 11, 2)),
    )
    shown = page(overdue_items=overdue, overdue=2, became_overdue=1)
    for words in ("2026-11-01", "watched", "1 of them in these 7 days"):
        assert words in shown


@pytest.mark.parametrize("cve_id", ["EUVD-2026-1234", 'CVE-2026-1"><script>', "CVE-2026-12345678901234567890"])
def test_only_the_id_of_a_cve_is_a_link(cve_id: str) -> None:
    shown = page(item(cve_id=cve_id))
    assert "<a href=" not in shown
    assert "<script" not in shown


def test_texts_of_others_are_escaped_cut_and_without_control_characters() -> None:
    odd = '<img src=x onerror="alert(1)"> \u202eexe.gnp\u2066 \x1b[2J' + "x" * 500
    shown = page(item(title=odd, program=odd, machine=odd), machine=odd)
    assert "<img" not in shown
    assert not set("\u202e\u2066\x1b") & set(shown)
    assert "x" * 300 not in shown
