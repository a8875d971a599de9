from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.contract.names import Severity, Source, Tag
from backend.contract.vulnerabilities import VulnerabilitySummary
from backend.domain.claims import Affected, Origin, RecordState
from backend.domain.search import SortKey
from backend.domain.vulnerability import (
    AffectedEntry,
    Details,
    ExploitationEntry,
    MergedVulnerability,
    ReferenceEntry,
    ScoreEntry,
)
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository
from tests.contract.api.conftest import NOW, Stage
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

RICH = vulnerability(
    "CVE-2024-3094",
    title="Backdoor in a compressor",
    description="It opens a door.",
    severity=Severity.CRITICAL,
    cvss_score=10.0,
    cvss_version="3.1",
    cvss_vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
    exploited_in_the_wild=True,
    kev_date_added=date(2024, 4, 1),
    cisa_due_date=date(2024, 4, 22),
    known_ransomware=None,
    epss=0.5,
    epss_percentile=0.98,
    cwe_ids=("CWE-506",),
    vendors=("tukaani",),
    products=("xz",),
    sources=(Source.CISA, Source.NVD),
    published_at=datetime(2024, 3, 29, 17, 15, tzinfo=UTC),
    details=Details(
        scores=(ScoreEntry(Origin.CNA, Source.NVD, "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),),
        affected_products=(AffectedEntry(Source.NVD, Affected(vendor="tukaani", product="xz", versions=("5.6.0",))),),
        references=(ReferenceEntry("https://example.org/a", ("patch",), (Source.NVD, Source.CISA)),),
        aliases=("EUVD-2024-1",),
        exploitation=(ExploitationEntry("cisa-kev", Source.CISA, date(2024, 4, 1), "active"),),
        required_action="Apply updates.",
    ),
)
RECORD_FIELDS = {
    "cve_id",
    "state",
    "title",
    "description",
    "cvss_score",
    "cvss_vector",
    "cvss_version",
    "severity",
    "published_at",
    "modified_at",
    "exploited_in_the_wild",
    "kev_date_added",
    "cisa_due_date",
    "known_ransomware",
    "epss",
    "cwe_ids",
    "vendors",
    "products",
    "affected_products",
    "references",
    "sources",
    "aliases",
    "priority_score",
    "priority_reasons",
    "first_seen_at",
    "updated_at",
    "provenance",
}


def put(stage: Stage, rows: Sequence[MergedVulnerability]) -> None:
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.95 - 0.1 * place) for place, row in enumerate(rows)], NOW)


@pytest.fixture
def full(stage: Stage) -> Stage:
    put(
        stage,
        [
            RICH,
            vulnerability(
                "CVE-2023-1111",
                title="Flaw in a router",
                severity=Severity.HIGH,
                cvss_score=8.1,
                vendors=("acme",),
                cwe_ids=("CWE-79",),
                published_at=datetime(2023, 1, 15, tzinfo=UTC),
            ),
            vulnerability(
                "CVE-2022-2222",
                title="Flaw in a printer",
                severity=Severity.LOW,
                cvss_score=2.0,
                sources=(Source.MITRE,),
            ),
        ],
    )
    return stage


def test_the_record_has_every_field_and_where_it_comes_from(full: Stage) -> None:
    record = full.get("/vulnerabilities/cve-2024-3094")
    assert record.keys() >= RECORD_FIELDS
    assert record["references"] == [{"url": "https://example.org/a", "tags": ["patch"], "source": ["nvd", "cisa"]}]
    assert record["cvss_scores"] == [
        {
            "origin": "cna",
            "source": "nvd",
            "version": "3.1",
            "score": 10.0,
            "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
            "scenario": "",
        }
    ]
    assert record["exploitation"] == [{"by": "cisa-kev", "source": "cisa", "since": "2024-04-01", "status": "active"}]
    assert record["affected_products"][0]["versions"] == ["5.6.0"]
    assert (record["provenance"]["title"], record["provenance"]["references"]) == ("nvd", "nvd+cisa")
    assert (record["published_at"], record["kev_date_added"]) == ("2024-03-29T17:15:00Z", "2024-04-01")
    assert (record["sources"], record["aliases"], record["priority_score"]) == (["cisa", "nvd"], ["EUVD-2024-1"], 0.95)
    assert "CISA" in record["priority_reasons"][0]


@pytest.mark.parametrize(
    "given",
    ["CVE-24-1", "xyz", "CVE-2024-1'--", "CVE-2024-1\u0000", "\uff23\uff36\uff25-2024-3094", "CVE-2024-" + "9" * 300],
)
def test_a_bad_id_is_refused(full: Stage, given: str) -> None:
    for path in (f"/vulnerabilities/{given}", f"/vulnerabilities/{given}/changes"):
        assert full.get(path.replace("\0", "%00"), status=422)["error"]["title"]


def test_an_unknown_id_is_not_found_in_a_sentence(full: Stage) -> None:
    body = full.get("/vulnerabilities/CVE-2099-99999", status=404)
    assert body["detail"] == "Not in the database: There is no record of CVE-2099-99999."


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["CVE-2024-3094", "CVE-2023-1111", "CVE-2022-2222"]),
        ({"search": "flaw"}, ["CVE-2023-1111", "CVE-2022-2222"]),
        ({"severity": "high,Low"}, ["CVE-2023-1111", "CVE-2022-2222"]),
        ({"severity": ["HIGH", "CRITICAL"]}, ["CVE-2024-3094", "CVE-2023-1111"]),
        ({"exploited": "true"}, ["CVE-2024-3094"]),
        ({"exploited": "false", "min_cvss": 5}, ["CVE-2023-1111"]),
        ({"vendor": "Acme"}, ["CVE-2023-1111"]),
        ({"product": "xz"}, ["CVE-2024-3094"]),
        ({"cwe": "cwe-79"}, ["CVE-2023-1111"]),
        ({"source": "mitre"}, ["CVE-2022-2222"]),
        ({"min_priority": 0.9}, ["CVE-2024-3094"]),
        ({"published_after": "2024-01-02"}, ["CVE-2024-3094"]),
        ({"published_before": "2023-01-15T00:00:01+00:00"}, ["CVE-2023-1111"]),
        ({"sort_by": "cvss_score", "sort_order": "asc"}, ["CVE-2022-2222", "CVE-2023-1111", "CVE-2024-3094"]),
        ({"page": 2, "page_size": 2}, ["CVE-2022-2222"]),
        ({"search": "nothing like it"}, []),
        ({"vendor": ["acme", "Tukaani"]}, ["CVE-2024-3094", "CVE-2023-1111"]),
        ({"vendor": ["acme", "Tukaani"], "product": ["xz", "?"]}, ["CVE-2024-3094"]),
        ({"cwe": "79,506"}, ["CVE-2024-3094", "CVE-2023-1111"]),
        ({"min_epss": 0.5}, ["CVE-2024-3094"]),
        ({"kev_added_after": "2024-04-01", "kev_added_before": "2024-04-02"}, ["CVE-2024-3094"]),
        ({"kev_added_before": "2024-04-01"}, []),
        ({"due_before": "2024-04-23"}, ["CVE-2024-3094"]),
        ({"ransomware": "true"}, []),
        ({"ransomware": "false", "exploited": "true"}, ["CVE-2024-3094"]),
        ({"triage": "open,ignored"}, []),
        ({"changed_after": "2024-01-01"}, []),
        ({"search": "CVE-2022-2222;\ncve-2023-1111 | CVE-1999-0001"}, ["CVE-2023-1111", "CVE-2022-2222"]),
        ({"sort_by": "title", "sort_order": "asc"}, ["CVE-2024-3094", "CVE-2022-2222", "CVE-2023-1111"]),
        ({"sort_by": "cisa_due_date"}, ["CVE-2024-3094", "CVE-2023-1111", "CVE-2022-2222"]),
    ],
)
def test_filters_sort_orders_and_pages(full: Stage, filters: dict[str, object], found: list[str]) -> None:
    page = full.get("/vulnerabilities", **filters)
    assert [item["cve_id"] for item in page["items"]] == found
    assert all(item.keys() >= RECORD_FIELDS for item in page["items"])
    assert page.keys() == {"items", "total", "total_capped", "page", "page_size", "total_pages"}


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"page": 10**9}, "page is more than 100000"),
        ({"page": 0}, "page is less than 1"),
        ({"page": "9" * 5000}, "page is too large"),
        ({"page_size": 501}, "page_size is more than 500"),
        ({"page": "x"}, "page is not a whole number"),
        ({"min_cvss": "nan"}, "min_cvss is "),
        ({"min_cvss": "inf"}, "min_cvss is "),
        ({"exploited": "maybe"}, "exploited is neither"),
        ({"severity": "AWFUL"}, "severity"),
        ({"source": "x"}, "source is not one of 'cisa'"),
        ({"sort_by": "x"}, "sort_by is not one of"),
        ({"published_after": "yesterday"}, "published_after is not a day"),
        ({"published_after": "0001-01-01T00:00:00+14:00"}, "is not a day"),
        ({"published_before": "9999-12-31T23:59:59-14:00"}, "is not a day"),
        ({"published_before": "2024-02-30"}, "is not a day"),
        ({"serverity": "HIGH"}, "serverity is not a known name"),
        ({"search": "x" * 4001}, "search is longer than 4000"),
        ({"kev_added_after": "soon"}, "kev_added_after is not a day"),
        ({"due_before": "2024-02-30"}, "due_before is not a day"),
        ({"min_epss": 1.5}, "min_epss is more than 1"),
        ({"triage": "forgotten"}, "triage"),
        ({"vendor": ["x"] * 51}, "vendor is longer than 50 entries"),
        ({"search": "a\0b"}, "search contains invalid characters"),
    ],
)
def test_bad_filters_are_refused_in_words(full: Stage, filters: dict[str, object], sentence: str) -> None:
    body = full.get("/vulnerabilities", status=422, **filters)
    assert sentence in str(body["error"]["message"])


@pytest.mark.parametrize("sort_by", list(SortKey))
def test_everything_is_had_portion_by_portion(full: Stage, sort_by: SortKey) -> None:
    parameters = {"sort_by": sort_by, "page_size": 2}
    listed = [item["cve_id"] for item in full.get("/vulnerabilities", sort_by=sort_by)["items"]]
    got, after = [], ""
    while after is not None:
        portion = full.get("/vulnerabilities/all", **parameters, after=after)
        got += [item["cve_id"] for item in portion["items"]]
        after = portion["next"]
    assert got == listed


@pytest.mark.parametrize("alias", ["EUVD-2024-900", "euvd-2024-900", "GHSA-jfh8-c2jp-5v3q", "ghsa-JFH8-C2JP-5V3Q"])
def test_a_record_is_shown_by_its_other_ids(stage: Stage, alias: str) -> None:
    aliases = Details(aliases=("EUVD-2024-900", "GHSA-jfh8-c2jp-5v3q"))
    put(stage, [vulnerability("CVE-2024-1000", details=aliases), vulnerability("CVE-2024-2000")])
    assert stage.get(f"/vulnerabilities/{alias}")["cve_id"] == "CVE-2024-1000"
    assert stage.get(f"/vulnerabilities/{alias}/changes")["cve_id"] == "CVE-2024-1000"
    stage.get("/vulnerabilities/EUVD-2024-90", 404)
    stage.get("/vulnerabilities/GHSA-2222-3333-4444", 404)


@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        ({}, ["CVE-2024-1000"]),
        ({"state": "rejected"}, ["CVE-2024-2000"]),
        ({"state": "ANY"}, ["CVE-2024-1000", "CVE-2024-2000"]),
        ({"search": "cve-2024-2000"}, ["CVE-2024-2000"]),
        ({"tag": "disputed"}, ["CVE-2024-1000"]),
        ({"tag": "exclusively-hosted-service"}, []),
        ({"nvd_status": "deferred"}, ["CVE-2024-1000"]),
        ({"cwe": "79"}, ["CVE-2024-1000"]),
        ({"search": '"'}, []),
    ],
)
def test_filters_by_state_tag_status_and_weakness(stage: Stage, parameters: dict[str, str], ids: list[str]) -> None:
    marked = vulnerability("CVE-2024-1000", tags=(Tag.DISPUTED,), nvd_status="Deferred", cwe_ids=("CWE-79",))
    put(stage, [marked, vulnerability("CVE-2024-2000", state=RecordState.REJECTED)])
    page = stage.get("/vulnerabilities", **parameters)
    assert [item["cve_id"] for item in page["items"]] == ids
    if ids == ["CVE-2024-1000"]:
        assert (page["items"][0]["tags"], page["items"][0]["nvd_status"]) == (["disputed"], "Deferred")


def test_a_walk_knows_no_page_numbers(full: Stage) -> None:
    assert "page" in str(full.get("/vulnerabilities/all", 422, page=2)["error"])


@pytest.mark.parametrize("after", ["nonsense", "[]", '["CVE-2024-1", 5]', '["2026-01-01T00:00:00", "CVE-1"]'])
def test_a_place_in_another_list_is_refused(full: Stage, after: str) -> None:
    for sort_by in ("published_at", "severity"):
        answer = full.get("/vulnerabilities/all", 409, after=after, sort_by=sort_by)
        assert "not a position in this list" in str(answer["error"])


def test_a_brief_list_has_the_fields_that_a_list_shows_as_the_whole_record_has_them(stage: Stage) -> None:
    put(stage, [RICH])
    page = stage.get("/vulnerabilities", brief="true")
    whole = stage.get("/vulnerabilities")
    [brief], [record] = page.pop("items"), whole.pop("items")
    assert brief == {name: record[name] for name in VulnerabilitySummary.model_fields}
    assert page == whole


def test_changes_are_told_field_by_field(full: Stage) -> None:
    with full.database.transaction() as connection:
        IngestRepository(connection).add_changes(
            [
                ChangeRow("CVE-2024-3094", "cvss_score", "null", "10.0", Source.NVD),
                ChangeRow("CVE-2024-3094", "vendors", "[]", '["x"]', Source.NVD),
            ],
            "run-1",
            NOW,
        )
    body = full.get("/vulnerabilities/CVE-2024-3094/changes")
    assert body["total"] == 2
    assert body["changes"][1] == {
        "changed_at": "2026-03-01T12:00:00Z",
        "field": "cvss_score",
        "old": None,
        "new": 10.0,
        "source": "nvd",
        "task_id": "run-1",
    }
    assert full.get("/vulnerabilities/CVE-2022-2222/changes")["changes"] == []


def test_statistics_are_computed_where_none_are_kept_and_kept_ones_are_used(full: Stage) -> None:
    first = full.get("/stats")
    assert (
        first.items()
        >= {
            "total_vulnerabilities": 3,
            "exploited_vulnerabilities": 1,
            "critical_vulnerabilities": 1,
            "high_vulnerabilities": 1,
            "recent_updates": 0,
            "new_30d": 0,
            "last_update": None,
        }.items()
    )
    assert first["by_severity"]["LOW"] == 1
    assert first["by_source"] == {"cisa": 1, "nvd": 2, "euvd": 0, "mitre": 1, "epss": 0}
    assert {"name": "acme", "count": 1} in first["top_vendors"]
    full.now += timedelta(hours=1)
    assert full.get("/stats")["computed_at"] == "2026-03-01T13:00:00Z"
