"""Texts of a record's fields, and the cache of the list."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import JsonValue

from backend.contract.exposure import Finding, FindingPage
from backend.contract.names import Source
from backend.contract.record_details import EpssPoint, EpssTrend, FixedVersions, FixList
from backend.contract.vulnerabilities import AffectedProduct, ChangeList, FieldChange, Vulnerability
from desktop.ui.formatting import addresses_in
from desktop.ui.pages.vulnerabilities.model import PageCache
from desktop.ui.pages.vulnerabilities.record.concern import finding_lines, fix_lines, place_words
from desktop.ui.pages.vulnerabilities.record.content import Answers, Content, content_of
from desktop.ui.pages.vulnerabilities.record.copying import CopyForm, copied
from desktop.ui.pages.vulnerabilities.record.cvss_words import vector_words
from desktop.ui.pages.vulnerabilities.record.facts import facts_of, field_value_words, source_tip, value_words
from desktop.ui.pages.vulnerabilities.record.links import link_lines, record_pages
from desktop.ui.pages.vulnerabilities.record.products import product_words, update_words, version_words
from desktop.ui.pages.vulnerabilities.record.timeline import timeline
from desktop.ui.pages.vulnerabilities.record.trend import trend_words
from desktop.ui.pages.vulnerabilities.rows import PAGE, VulnerabilityRow


def affected(**given: object) -> AffectedProduct:
    return AffectedProduct.model_validate({"source": Source.NVD, **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"version_start_including": "1.0", "version_end_excluding": "2.3"}, ">= 1.0, < 2.3"),
        ({"version_start_excluding": "1.0", "version_end_including": "2.3"}, "> 1.0, <= 2.3"),
        ({"versions": ("1.0 to before 2.0", "4.12")}, "1.0 to before 2.0, 4.12"),
        ({"cpe": r"cpe:2.3:a:acme:anvil:4.2\:beta:*:*:*:*:*:*:*"}, "4.2:beta"),
        ({"cpe": "cpe:2.3:a:acme:anvil:*:*:*:*:*:*:*:*"}, "all versions"),
        ({"cpe": "cpe:2.3:a:acme:anvil:2013:cumulative_update_23:*:*:*:*:*:*"}, "2013 CU23"),
        ({"cpe": "cpe:2.3:a:acme:jdk:*:update_25:*:*:*:*:*:*", "version_end_including": "1.6.0"}, "<= 1.6.0 Update 25"),
        ({"version_end_excluding": "1.8.0:update_361"}, "< 1.8.0 Update 361"),
        ({"cpe": "cpe:2.3:a:acme:anvil:-:*:*:*:*:*:*:*"}, "all versions"),
        ({"product": "anvil", "default_status": "unaffected"}, ""),
    ],
)
def test_versions_read_as_a_person_writes_them(given: dict[str, object], words: str) -> None:
    assert version_words(affected(**given)) == words


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cpe": r"cpe:2.3:a:acme\!:big_anvil:*"}, "acme! big anvil"),
        ({"vendor": "acme", "product": "anvil", "package": "anvil"}, "acme anvil"),
        ({"vendor": "acme", "product": "anvil", "platforms": ("Linux", "ARM")}, "acme anvil on Linux, ARM"),
        ({"cpe": "cpe:2.3:o:acme:os:1", "vulnerable": False}, "acme os (not affected)"),
        ({"purl": "pkg:pypi/anvil"}, "pkg:pypi/anvil"),
        ({"vendor": "Acme", "product": "Acme Anvil 2019"}, "Acme Anvil 2019"),
        ({"cpe": "cpe:2.3:a:anvil:anvil:1:*:*:*:*:*:*:*"}, "anvil"),
        ({"cpe": "cpe:2.3:a:acme:fox:1:*:*:*:esr:*:*:*"}, "acme fox (esr)"),
        ({"cpe": "cpe:2.3:a:acme:gallery:1:*:*:*:*:wordpress:*:*"}, "acme gallery for wordpress"),
        ({"cpe": "nonsense"}, ""),
    ],
)
def test_products_are_named_without_the_signs_of_their_notation(given: dict[str, object], words: str) -> None:
    assert product_words(affected(**given)) == words


def test_whose_word_it_is_can_be_said() -> None:
    assert source_tip("mitre+nvd") == "Source: MITRE, NVD"
    assert source_tip(None) == ""


@pytest.mark.parametrize(
    ("value", "words"), [(None, "-"), ([], "-"), (True, "yes"), (7.5, "7.5"), (["a", "b"], "a, b"), ("x\u202ey", "xy")]
)
def test_a_changed_value_is_put_in_words(value: object, words: str) -> None:
    assert value_words(value) == words


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ("cumulative_update_23", "CU23"),
        ("service_pack_1", "SP1"),
        ("sp3", "SP3"),
        ("update351", "Update 351"),
        ("rc2", "RC2"),
        ("beta_3", "Beta 3"),
        ("patch_a", "patch a"),
        ("*", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_updates_are_written_as_vendors_write_them(update: str, words: str) -> None:
    assert update_words(update) == words


@pytest.mark.parametrize(
    ("version", "vector", "words"),
    [
        ("2.0", "(AV:L/Au:M/C:P)", ("Attack vector: Local", "Authentication: Several", "Confidentiality impact: P")),
        ("2.0", "CVSS2#AV:N/E:POC/TD:ND", ("Attack vector: Network", "Exploit maturity: Proof of concept")),
        ("3.1", "CVSS:3.1/S:C/UI:R/E:X", ("Scope: Changed", "User interaction: Required")),
        ("3.0", "CVSS:3.0/MPR:N/CR:H", ("Privileges required, in this environment: None", "Confidentiality req")),
        ("4.0", "CVSS:4.0/AT:P/SI:S/U:Amber", ("Attack requirements: Present", "Integrity of other", "Urgency by")),
        (
            "4.0",
            "CVSS:4.0/S:P/AU:Y/E:A",
            ("Safety: Present", "Automatable: Yes", "Exploit maturity: Attacks"),
        ),
        ("3.1", "CVSS:3.1/QQ:N/AV:Z/nonsense", ("QQ:N", "AV:Z", "nonsense")),
        ("4.0", "", ()),
        ("9.9", "AV:N", ("Attack vector: Network",)),
    ],
)
def test_vectors_are_explained_metric_by_metric(version: str, vector: str, words: tuple[str, ...]) -> None:
    found = vector_words(version, vector)
    assert len(found) == len(words)
    assert all(explanation.startswith(wanted) for explanation, wanted in zip(found, words, strict=True))


RECORD = Vulnerability.model_validate(
    {
        "cve_id": "CVE-2024-3094",
        "state": "PUBLISHED",
        "title": "A <b>back</b>door",
        "description": "It opens a door.",
        "cvss_score": 7.5,
        "cvss_vector": "AV:N/AC:L/Au:N/C:P/I:P/A:P",
        "cvss_version": "2.0",
        "severity": "HIGH",
        "published_at": "2024-03-29T17:15:00Z",
        "modified_at": None,
        "exploited_in_the_wild": True,
        "kev_date_added": "2024-04-01",
        "cisa_due_date": "2024-04-22",
        "known_ransomware": None,
        "epss": 0.5,
        "cwe_ids": ["CWE-506", "CWE-99999"],
        "vendors": ["tukaani"],
        "products": ["xz"],
        "affected_products": [{"source": "nvd", "vendor": "tukaani", "product": "xz", "versions": ["5.6.0", "5.6.1"]}],
        "references": [
            {"url": "https://other.example/a", "source": ["nvd"]},
            {"url": "https://exploit.example/", "tags": ["exploit"], "source": ["nvd"]},
            {"url": "https://patch.example/", "tags": ["Patch", "exploit"], "source": ["nvd", "mitre"]},
            {"url": "javascript:alert(1)", "tags": ["vendor-advisory"], "source": ["mitre"]},
        ],
        "exploitation": [{"by": "cisa-kev", "source": "cisa", "since": "2024-04-01", "status": "active"}],
        "kev_notes": "See https://cisa.example/notes; https://patch.example/ (and https://cisa.example/more).",
        "sources": ["nvd"],
        "aliases": [],
        "priority_score": 0.953,
        "priority_reasons": ["Listed in CISA's known exploited vulnerabilities"],
        "first_seen_at": "2024-03-30T08:00:00Z",
        "updated_at": "2024-04-02T08:00:00Z",
    }
)


def test_links_are_grouped_and_those_of_the_notes_are_among_them() -> None:
    lines = [(line.cells[0], line.cells[1], bool(line.link)) for line in link_lines(RECORD)]
    assert lines == [
        ("Patch", "https://patch.example/", True),
        ("Advisory", "javascript:alert(1)", False),
        ("Exploit", "https://exploit.example/", True),
        ("CISA notes", "https://cisa.example/notes", True),
        ("CISA notes", "https://cisa.example/more", True),
        ("Other", "https://other.example/a", True),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x, or (http://b.example/y).", [(4, "https://a.example/x"), (29, "http://b.example/y")]),
        ("https://a.example/f(x)", [(0, "https://a.example/f(x)")]),
        ("https:// ftp://c.example javascript:alert(1) http://[::", []),
        ("", []),
    ],
)
def test_addresses_in_texts_end_where_the_sentence_goes_on(text: str, found: list[tuple[int, str]]) -> None:
    assert list(addresses_in(text)) == found


def test_the_record_has_its_pages_elsewhere() -> None:
    assert [name for name, _ in record_pages("CVE-2024-3094")] == ["NVD", "CVE.org"]
    assert record_pages("EUVD-2024-1")[0][1].endswith("/vulnerability/EUVD-2024-1")


def change(field: str, old: object, new: object) -> FieldChange:
    return FieldChange.model_validate(
        {"changed_at": "2024-04-02T08:00:00Z", "field": field, "old": old, "new": new, "source": "nvd"}
    )


def history(*changes: FieldChange) -> ChangeList:
    return ChangeList(cve_id=RECORD.cve_id, changes=changes, total=len(changes))


def test_the_timeline_has_one_line_an_event_the_newest_first() -> None:
    changes = history(
        change("cvss_score", None, 7.5),
        change("cwe_ids", ["CWE-1", "CWE-2"], ["CWE-2", "CWE-506"]),
        change("references", [], ["https://other.example/a"]),
        change("vendors", ["tukaani", "xz"], ["tukaani"]),
    )
    assert [line.cells[1] for line in timeline(RECORD, changes)] == [
        "Due date set by CISA",
        "CVSS score: - → 7.5",
        "Weaknesses removed: CWE-1; added: CWE-506",
        "References added: https://other.example/a",
        "Vendors removed: xz",
        "Added to CISA's known exploited vulnerabilities",
        "First seen by this program",
        "Published",
    ]


def test_priority_and_weaknesses_are_said_in_words() -> None:
    facts = {fact.label: fact for fact in facts_of(RECORD)}
    assert facts["Priority"].text.startswith("Highest: 95 of 100\n")
    assert facts["Weaknesses"].text == "CWE-506: Embedded Malicious Code\nCWE-99999"
    assert "Names: CWE 4." in facts["Weaknesses"].tip


@pytest.mark.parametrize(("score", "word"), [(0.91, "Highest"), (0.7, "Very high"), (0.4, "High"), (0.2, "Medium")])
def test_the_words_of_a_priority_follow_its_score(score: float, word: str) -> None:
    item = RECORD.model_copy(update={"priority_score": score})
    assert facts_of(item)[0].text.startswith(f"{word}: ")


def finding(**given: object) -> Finding:
    known: dict[str, object] = {
        "id": 1,
        "machine": "here",
        "machine_name": "DESK-7",
        "software": "Google Chrome",
        "version": "9.1",
        "product": None,
        "cve_id": RECORD.cve_id,
        "title": "",
        "severity": "HIGH",
        "exploited_in_the_wild": True,
        "priority_score": 0.9,
        "verdict": "affected",
        "reason": "NVD calls versions before 10 affected.",
        "fixed_in": "10.0",
        "source": "nvd",
        "state": "open",
        "note": "",
        "until": None,
        "first_seen_at": "2024-03-30T08:00:00Z",
        "resolved_at": None,
        "resolution": None,
    }
    return Finding.model_validate({**known, **given})


def found(*findings: Finding, total: int | None = None) -> FindingPage:
    count = len(findings) if total is None else total
    return FindingPage(items=findings, total=count, page=1, page_size=100, total_pages=1)


def test_more_findings_than_are_shown_are_counted_and_other_pcs_named() -> None:
    page = found(finding(machine="there"), total=3)
    assert finding_lines(page, "here")[-1].text == "and 2 more"
    assert place_words(page, "here") == "On your PCs"
    assert place_words(found(finding()), "here") == "On this PC"
    assert place_words(found(), "here") == "On this PC"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("epss", 0.25, "25.00 %"),
        ("severity", "CRITICAL", "Critical"),
        ("severity", "nonsense", "nonsense"),
        ("published_at", "2024-04-02T08:00:00Z", "2024-04-02 "),
        ("published_at", "yesterday", "yesterday"),
        ("published_at", None, "-"),
        ("cvss_score", 7.5, "7.5"),
    ],
)
def test_values_of_fields_are_put_in_words(field: str, value: JsonValue, words: str) -> None:
    assert field_value_words(field, value).startswith(words)


def test_this_pc_comes_first_with_what_to_update_to() -> None:
    elsewhere = finding(machine="there", machine_name="Lab", fixed_in=None, state="acknowledged")
    unsure = finding(software="Chrome Remote", verdict="cannot_tell", fixed_in=None, reason=None, note="later")
    lines = finding_lines(found(elsewhere, unsure, finding()), "here")
    assert [(line.text, line.look.word if line.look else "") for line in lines] == [
        ("Google Chrome 9.1 → update to 10.0", "Affected"),
        ("Chrome Remote 9.1", "Cannot tell"),
        ("Google Chrome 9.1 on Lab", "Acknowledged"),
    ]
    assert lines[1].detail == "Note: later"


def test_long_lists_of_fixes_say_how_many_more_there_are() -> None:
    fixes = [FixedVersions(products=(f"acme {n}",), versions=(f"{n}.0",), sources=(Source.NVD,)) for n in range(15)]
    lines = fix_lines(fixes)
    assert lines[0].text == "0.0"
    assert lines[-1].text == "and 3 more: see the affected versions"
    many = FixedVersions(products=("a",) * 9, versions=tuple(map(str, range(30))), sources=(Source.NVD, Source.MITRE))
    [line] = fix_lines([many])
    assert line.text.endswith("23 and 6 more")
    assert line.detail.endswith("and 3 more")
    assert line.look is not None
    assert line.look.word == "NVD, MITRE"


def content(*findings: Finding) -> Content:
    page = found(*findings)
    fixed = FixedVersions(products=("tukaani xz",), versions=("5.6.2",), sources=(Source.NVD,))
    return content_of(
        Answers(
            RECORD,
            history(),
            FixList(cve_id=RECORD.cve_id, items=(fixed,)),
            page,
            EpssTrend(cve_id=RECORD.cve_id),
            "here",
        )
    )


def trend(*scores: float, is_kept: bool = True) -> EpssTrend:
    points = tuple(EpssPoint(day=date(2026, 3, 1 + 7 * place), epss=epss) for place, epss in enumerate(scores))
    return EpssTrend(cve_id=RECORD.cve_id, points=points, is_kept=is_kept)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (trend(0.02, 0.4, 0.61), "From 2.00 % to 61.00 % within 14 days"),
        (trend(0.02), "2.00 % on 2026-03-01"),
        (trend(), ""),
        (trend(is_kept=False), "FIRST has no scores of it."),
    ],
)
def test_the_course_of_epss_is_said_in_words(given: EpssTrend, words: str) -> None:
    assert trend_words(given) == words


def test_an_old_score_is_marked_as_old() -> None:
    assert content().looks[0].word == "High 7.5 (CVSS v2)"


def test_a_record_is_copied_as_text_markdown_and_json() -> None:
    text = copied(content(finding()), CopyForm.TEXT)
    assert text.startswith("CVE-2024-3094  A <b>back</b>door\n")
    assert "Fixed in:\n  5.6.2 (tukaani xz)" in text
    assert "  Google Chrome 9.1 → update to 10.0: Affected" in text
    markdown = copied(content(finding()), CopyForm.MARKDOWN)
    assert markdown.startswith("## CVE-2024-3094: A \\<b\\>back\\</b\\>door\n")
    assert "- Patch: <https://patch.example/>" in markdown
    assert "javascript:" not in markdown
    assert Vulnerability.model_validate_json(copied(content(), CopyForm.JSON)) == RECORD


def page_of(name: str) -> tuple[VulnerabilityRow, ...]:
    return tuple(VulnerabilityRow(f"{name}-{number}", (), {}, rejected=False) for number in range(PAGE))


def test_the_page_that_was_looked_at_longest_ago_is_let_go() -> None:
    cache = PageCache(max_pages=2)
    cache.put(0, page_of("first"))
    cache.put(1, page_of("second"))
    cache.use(0)
    cache.put(7, page_of("third"))
    assert cache.row(PAGE) is None
    row = cache.row(3)
    assert row is not None
    assert row.cve_id == "first-3"


def test_old_rows_are_shown_until_newer_ones_are_there() -> None:
    cache = PageCache()
    cache.put(0, page_of("old"))
    cache.mark_outdated()
    assert not cache.is_fresh(0)
    row = cache.row(0)
    assert row is not None
    assert row.cve_id == "old-0"
