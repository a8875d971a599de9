"""POST /match, and the products of programs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.contract.names import Severity, Tag
from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.vulnerability import MergedVulnerability
from backend.store.engine import Database
from backend.store.repositories.statements import StatementRepository, statement_changes
from tests.contract.api.conftest import Json, Stage
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

FIREFOX = "cpe:2.3:a:mozilla:firefox:*:*:*:*:*:*:*:*"
ANDROID = "cpe:2.3:a:mozilla:firefox:*:*:*:*:*:android:*:*"
FROBNICATOR = "cpe:2.3:a:frobsoft:frobnicator:*:*:*:*:*:*:*:*"
WINDOWS = "cpe:2.3:o:microsoft:windows_11_23h2:*:*:*:*:*:*:*:*"


def put(database: Database, *stated: tuple[MergedVulnerability, tuple[Affected, ...]], description: str = "") -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.5) for row, _ in stated], now)
        made = {
            row.cve_id: statements_of(
                RecordState.PUBLISHED,
                [SourceRecord(Feed.NVD, row.cve_id, row.cve_id, Claim(description=description, affected=affected))],
            )
            for row, affected in stated
        }
        StatementRepository(connection).put(statement_changes(made, before={}))


def _firefox(**bounds: str) -> Affected:
    return Affected(cpe=FIREFOX, **bounds)


@pytest.fixture
def world(stage: Stage) -> Stage:
    put(
        stage.database,
        (vulnerability("CVE-2024-1001", severity=Severity.HIGH), (_firefox(version_end_excluding="116.0"),)),
        (
            vulnerability("CVE-2024-1002", exploited_in_the_wild=True),
            (_firefox(version_start_including="110.0", version_end_excluding="115.3"),),
        ),
        (vulnerability("CVE-2024-1003"), (_firefox(version_end_excluding="100.0"),)),
        (vulnerability("CVE-2024-1004", tags=(Tag.DISPUTED,)), (_firefox(),)),
        (vulnerability("CVE-2024-1005"), (Affected(cpe=ANDROID, version_end_excluding="200.0"),)),
        (vulnerability("CVE-2024-1006"), (Affected(cpe=WINDOWS, version_end_excluding="10.0.22631.5000"),)),
        (vulnerability("CVE-2024-1007"), (Affected(cpe=FROBNICATOR, version_end_including="2.0"),)),
    )
    return stage


def match(stage: Stage, *software: Json, system: Json | None = None) -> Json:
    return stage.request("POST", "/match", 200, json={"os": system, "software": list(software)})


def only(stage: Stage, **entry: str) -> Json:
    (item,) = match(stage, entry)["items"]
    found: Json = item
    return found


def test_an_installed_program(world: Stage) -> None:
    item = only(world, name="Mozilla Firefox (x64 en-US)", publisher="Mozilla", version="115.0")
    assert item["software"]["name"] == "Mozilla Firefox (x64 en-US)"
    assert item["product"] == {
        "vendor": "mozilla",
        "product": "firefox",
        "confidence": "certain",
        "by": "rule",
        "keys": ["mozilla:firefox"],
    }
    assert (item["candidates"], item["version"]) == ([], "115.0")
    assert item["counts"] == {"affected": 2, "cannot_tell": 1, "not_affected": 1}
    assert [(found["cve_id"], found["verdict"], found["fixed_in"]) for found in item["findings"]] == [
        ("CVE-2024-1002", "affected", "115.3"),
        ("CVE-2024-1001", "affected", "116.0"),
        ("CVE-2024-1004", "cannot_tell", None),
    ]
    exploited, high, disputed = item["findings"]
    assert exploited["exploited_in_the_wild"]
    assert high == {
        "cve_id": "CVE-2024-1001",
        "verdict": "affected",
        "reason": "NVD calls versions before 116.0 affected.",
        "fixed_in": "116.0",
        "source": "nvd",
        "severity": "HIGH",
        "exploited_in_the_wild": False,
        "priority_score": 0.5,
    }
    assert disputed["reason"] == "All versions are stated, without bounds (NVD). The record is disputed."


def test_what_the_description_limits_to_other_systems_does_not_affect(stage: Stage) -> None:
    limited = (vulnerability("CVE-2024-1001"), (_firefox(version_end_excluding="116.0"),))
    put(stage.database, limited, description="Spoofing in Mozilla Firefox on Android before 116.0.")
    item = only(stage, name="Mozilla Firefox (x64 en-US)", publisher="Mozilla", version="115.0")
    assert item["counts"] == {"affected": 0, "cannot_tell": 0, "not_affected": 1}


@pytest.mark.parametrize("version", ["", "unknown", "n/a", "-"])
def test_without_a_version_nothing_affects_for_sure(world: Stage, version: str) -> None:
    item = only(world, name="Mozilla Firefox", version=version)
    assert item["counts"] == {"affected": 0, "cannot_tell": 4, "not_affected": 0}
    assert {found["fixed_in"] for found in item["findings"]} == {None}


def test_the_operating_system_by_its_build(world: Stage) -> None:
    for build, counts in (("10.0.22631.4317", {"affected": 1}), ("10.0.22631.5000", {"not_affected": 1})):
        found = match(world, system={"name": "Windows 11 Pro", "version": "23H2", "build": build})["os"]
        assert (found["version"], found["product"]["product"]) == (build, "windows_11_23h2")
        assert found["counts"] == {"affected": 0, "cannot_tell": 0, "not_affected": 0} | counts


def test_a_system_without_records_is_named_as_unknown(world: Stage) -> None:
    found = match(world, system={"name": "Debian GNU/Linux 12"})["os"]
    assert (found["product"], found["version"], found["findings"]) == (None, None, [])


def test_a_program_that_no_line_names_is_likely_at_most(world: Stage) -> None:
    item = only(world, name="Frobnicator 1.9 (64-bit)", publisher="Frobsoft", version="1.9")
    assert (item["product"]["confidence"], item["product"]["by"]) == ("likely", "name")
    assert [found["cve_id"] for found in item["findings"]] == ["CVE-2024-1007"]


def test_an_unknown_program_has_no_product_and_no_findings(world: Stage) -> None:
    item = only(world, name="Completely Different 9", publisher="Nobody", version="9")
    assert (item["product"], item["findings"]) == (None, [])


def test_a_cpe_name_names_the_product(world: Stage) -> None:
    item = only(world, name="anything", cpe="cpe:2.3:a:mozilla:firefox:99.0:*:*:*:*:*:*:*", version="99.0")
    assert item["product"]["by"] == "cpe"
    assert item["counts"]["affected"] == 2


def test_two_versions_of_a_program_have_their_own_findings(world: Stage) -> None:
    old, new = match(
        world, {"name": "Mozilla Firefox", "version": "99.0"}, {"name": "Mozilla Firefox", "version": "200.0"}
    )["items"]
    assert (old["counts"]["affected"], new["counts"]["affected"]) == (2, 0)


def test_nothing_is_asked_and_nothing_answered(world: Stage) -> None:
    assert match(world) == {"os": None, "items": []}


@pytest.mark.parametrize(
    "body",
    [
        {"software": [{"publisher": "no name"}]},
        {"software": [{"name": ""}]},
        {"software": [{"name": "x" * 401}]},
        {"software": [{"name": "x"}] * 2001},
        {"software": "nothing"},
        [],
    ],
)
def test_bad_requests_are_refused(world: Stage, body: object) -> None:
    world.request("POST", "/match", 422, json=body)


def test_odd_names_are_answered(world: Stage) -> None:
    names = ["\u0000", "\u202e", "%", "'; DROP TABLE products; --", "x" * 400, "資料", "(((((", "\n"]
    answer = match(world, *({"name": name, "version": name} for name in names))
    assert [item["software"]["name"] for item in answer["items"]] == names


class TestProducts:
    def test_a_name_is_resolved(self, world: Stage) -> None:
        found = world.get("/products/resolve", name="Mozilla Firefox (x64 de)", version="115.0")
        assert (found["product"]["keys"], found["version"], found["reason"]) == (["mozilla:firefox"], "115.0", None)
        assert world.get("/products/resolve", name="Nothing at all")["reason"] == "no_records"
        world.get("/products/resolve", 422)

    def test_a_decision_holds_for_all_versions_and_can_be_taken_back(self, world: Stage) -> None:
        program = {"name": "My Browser 7 (x64)", "publisher": "Me"}
        wanted = {"vendor": "mozilla", "product": "firefox"}
        decided = world.request("PUT", "/products/decisions", 200, json={**program, "product": wanted})
        assert decided["product"]["by"] == "user"
        assert only(world, name="My Browser 8 (x64)", publisher="Me", version="99.0")["counts"]["affected"] == 2
        world.request("PUT", "/products/decisions", 200, json={**program, "forget": True})
        assert only(world, **program)["product"] is None

    def test_a_program_may_be_none_of_the_known_ones(self, world: Stage) -> None:
        program = {"name": "Mozilla Firefox", "publisher": "Not Mozilla"}
        world.request("PUT", "/products/decisions", 200, json={**program, "product": None})
        assert only(world, **program, version="1")["product"] is None
        assert only(world, name="Mozilla Firefox", version="1")["product"] is not None
