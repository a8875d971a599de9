"""What a record's own page shows besides the record."""

from __future__ import annotations

from datetime import date

import pytest

from backend.contract.names import Severity
from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Feed,
    KevEntry,
    Origin,
    RecordState,
    Score,
    SourceRecord,
    Weakness,
)
from backend.domain.merge import merge
from backend.store.repositories.epss import EpssRepository, EpssScore
from backend.store.repositories.merged_rows import IngestRepository, MergedRow
from tests.contract.api.conftest import NOW, Json, Stage
from tests.fakes.vulnerabilities import put_records, record

CVE = "CVE-2024-3094"
HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"  # 7.5
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"  # 1.8
NVD_CPE = Affected(cpe="cpe:2.3:a:tukaani:xz:*:*:*:*:*:*:*:*", version_end_excluding="5.6.2")


def store(stage: Stage, *records: SourceRecord, epss: float | None = None) -> None:
    merged = merge(CVE, records)
    assert merged is not None
    with stage.database.transaction() as connection:
        put_records(connection, *records)
        IngestRepository(connection).put_vulnerabilities([MergedRow(merged, 0.5)], NOW)
        if epss is not None:
            EpssRepository(connection).put(2024, {3094: EpssScore(round(epss * 10**9), None)})


@pytest.fixture
def full(stage: Stage) -> Stage:
    nvd = Claim(
        description="NVD's words.",
        scores=(Score(Origin.NVD, "3.1", HIGH),),
        weaknesses=(Weakness(Origin.NVD, "CWE-506"),),
        affected=(NVD_CPE,),
        analysis="Analyzed",
    )
    mitre = Claim(
        title="A door",
        description="The CNA's words.",
        scores=(Score(Origin.CNA, "3.1", LOW),),
        weaknesses=(Weakness(Origin.CNA, "CWE-912"),),
        affected=(Affected(vendor="Tukaani", product="XZ", versions=("5.6.0 to before 5.6.2",)),),
    )
    kev = Claim(
        title="A backdoor",
        exploitation=(Exploitation("cisa-kev", date(2024, 4, 1)),),
        kev=KevEntry(date(2024, 4, 1), date(2024, 4, 22)),
    )
    store(
        stage,
        record(CVE, Feed.NVD, claim=nvd),
        record(CVE, Feed.MITRE, claim=mitre),
        record(CVE, Feed.KEV, claim=kev),
        epss=0.25,
    )
    return stage


def fields(stage: Stage) -> dict[str, Json]:
    return {entry["field"]: entry for entry in stage.get(f"/vulnerabilities/{CVE}/sources")["fields"]}


def values_by_source(entry: Json) -> dict[str, object]:
    return {value["source"]: value["value"] for value in entry["values"]}


def test_the_fixed_versions_name_their_sources(full: Stage) -> None:
    answer = full.get("/vulnerabilities/cve-2024-3094/fixes")
    assert answer == {
        "cve_id": CVE,
        "items": [{"products": ["tukaani xz"], "versions": ["5.6.2"], "sources": ["nvd", "mitre"]}],
    }


def test_each_source_stands_beside_the_merged_value_and_the_rule(full: Stage) -> None:
    title, description = fields(full)["title"], fields(full)["description"]
    assert (title["value"], title["winner"]) == ("A door", "mitre")
    assert values_by_source(title) == {"cisa": "A backdoor", "nvd": "NVD's words.", "mitre": "A door"}
    assert title["rule"].startswith("The CNA's title")
    assert values_by_source(description) == {"nvd": "NVD's words.", "mitre": "The CNA's words."}


def test_a_score_tells_whose_counts(full: Stage) -> None:
    score = fields(full)["cvss_score"]
    assert (score["value"], score["winner"], values_by_source(score)) == (7.5, "nvd", {"nvd": 7.5, "mitre": 1.8})
    assert values_by_source(fields(full)["severity"]) == {"nvd": Severity.HIGH, "mitre": Severity.LOW}


def test_unions_name_all_sources(full: Stage) -> None:
    weaknesses = fields(full)["cwe_ids"]
    assert weaknesses["value"] == ["CWE-912", "CWE-506"]
    assert set(weaknesses["winner"].split("+")) == {"mitre", "nvd"}
    assert values_by_source(weaknesses) == {"nvd": ["CWE-506"], "mitre": ["CWE-912"]}


def test_only_who_says_something_is_listed(full: Stage) -> None:
    found = fields(full)
    assert values_by_source(found["exploited_in_the_wild"]) == {"cisa": True}
    assert values_by_source(found["epss"]) == {"epss": 0.25}
    assert values_by_source(found["kev_date_added"]) == {"cisa": "2024-04-01"}
    assert "tags" not in found


def test_a_rejected_record_is_compared_too(stage: Stage) -> None:
    store(stage, record(CVE, Feed.MITRE, claim=Claim(state=RecordState.REJECTED, description="Withdrawn.")))
    assert fields(stage)["state"]["value"] == "REJECTED"
    assert stage.get(f"/vulnerabilities/{CVE}/fixes")["items"] == []


@pytest.mark.parametrize("path", ["fixes", "sources"])
def test_an_unknown_record_is_not_found_and_nonsense_refused(stage: Stage, path: str) -> None:
    assert stage.get(f"/vulnerabilities/CVE-2024-1111/{path}", 404)["error"]["title"] == "Not in the database"
    stage.get(f"/vulnerabilities/nonsense/{path}", 422)
