"""GET /machines/{id}/exposure: each program of a machine with what is known of it."""

from __future__ import annotations

import pytest

from backend.contract.names import Severity
from backend.domain.claims import Affected
from backend.services.exposure.matching_run import match_inventory
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.test_match import FIREFOX, FROBNICATOR, WINDOWS, put
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import vulnerability

BROWSER = {"name": "Mozilla Firefox (x64 en-US)", "publisher": "Mozilla", "version": "99.0"}
TOOL = {"name": "Frobnicator", "publisher": "Frobsoft", "version": "1.0"}
SYSTEM = {"name": "Windows 11 Pro", "version": "23H2", "build": "10.0.22631.4317"}


@pytest.fixture
def world(stage: Stage) -> Stage:
    put(
        stage.database,
        (
            vulnerability("CVE-2024-1001", severity=Severity.HIGH),
            (Affected(cpe=FIREFOX, version_end_excluding="116.0"),),
        ),
        (
            vulnerability("CVE-2024-1002", severity=Severity.MEDIUM, exploited_in_the_wild=True),
            (Affected(cpe=FIREFOX, version_end_excluding="100.0"),),
        ),
        (vulnerability("CVE-2024-1003", severity=Severity.CRITICAL), (Affected(cpe=FIREFOX),)),
        (vulnerability("CVE-2024-1007"), (Affected(cpe=FROBNICATOR, version_end_including="2.0"),)),
        (vulnerability("CVE-2024-1006"), (Affected(cpe=WINDOWS, version_end_excluding="10.0.22631.5000"),)),
    )
    return stage


def send(stage: Stage, *software: Json, **more: object) -> None:
    stage.request("PUT", "/machines/pc-1/inventory", 200, json={"software": list(software), **more})
    match_inventory(stage.settings, stage.database, CountingRun(), lambda: stage.now)


def programs(stage: Stage) -> dict[str, Json]:
    return {item["software"]["name"]: item for item in stage.get("/machines/pc-1/exposure")["programs"]}


def findings(stage: Stage, **filters: object) -> list[Json]:
    items: list[Json] = stage.get("/findings", **filters)["items"]
    return items


def test_a_program_has_its_counts_and_the_version_that_ends_them(world: Stage) -> None:
    send(world, BROWSER)
    browser = programs(world)[BROWSER["name"]]
    assert browser == browser | {
        "affected": 2,
        "cannot_tell": 1,
        "ignored": 0,
        "exploited": 1,
        "worst": "HIGH",
        "priority": 0.5,
        "update_to": "116.0",
        "mended": 2,
        "matched": True,
        "is_system": False,
        "winget": "Mozilla.Firefox",
    }


def test_a_fix_without_a_version_is_not_among_those_that_an_update_ends(world: Stage) -> None:
    send(world, TOOL)
    tool = programs(world)["Frobnicator"]
    assert (tool["affected"], tool["update_to"], tool["mended"]) == (1, None, 0)


def test_what_is_exploited_comes_first_and_programs_without_findings_by_name(world: Stage) -> None:
    send(world, {"name": "Zebra", "version": "1"}, {"name": "Abacus", "version": "1"}, TOOL, BROWSER)
    assert list(programs(world)) == [BROWSER["name"], "Frobnicator", "Abacus", "Zebra"]
    assert programs(world)["Zebra"]["reason"] == "no_records"


def test_the_system_is_one_of_the_programs_with_its_build(world: Stage) -> None:
    send(world, os=SYSTEM)
    system = programs(world)["Windows 11 Pro 23H2"]
    assert (system["is_system"], system["software"]["version"], system["affected"]) == (True, SYSTEM["build"], 1)


def test_installed_windows_updates_are_counted_not_listed(world: Stage) -> None:
    send(world, {"name": "KB5031354", "kind": "windows_update"}, TOOL)
    answer = world.get("/machines/pc-1/exposure")
    assert (len(answer["programs"]), answer["windows_updates"], answer["machine"]["programs"]) == (1, 1, 2)


def test_what_is_ignored_counts_apart_and_asks_for_no_update(world: Stage) -> None:
    send(world, BROWSER)
    (newest,) = [item for item in findings(world) if item["cve_id"] == "CVE-2024-1001"]
    world.request("PATCH", f"/findings/{newest['id']}", 200, json={"state": "ignored"})
    browser = programs(world)[BROWSER["name"]]
    assert (browser["affected"], browser["ignored"], browser["worst"]) == (1, 1, "MEDIUM")
    assert (browser["update_to"], browser["mended"]) == ("100.0", 1)
    assert world.get("/machines/pc-1/exposure")["machine"]["findings"]["affected"] == 2


def test_findings_of_one_program(world: Stage) -> None:
    send(world, BROWSER, TOOL)
    tool = programs(world)["Frobnicator"]["id"]
    assert [item["cve_id"] for item in findings(world, machine="pc-1", program=tool)] == ["CVE-2024-1007"]
    world.get("/findings", 422, program=0)


def test_a_list_that_winget_exported_carries_the_ids(world: Stage) -> None:
    send(world, {**TOOL, "purl": "pkg:winget/Frobsoft.Frobnicator"})
    tool = programs(world)["Frobnicator"]
    assert (tool["winget"], tool["affected"]) == ("Frobsoft.Frobnicator", 1)


def test_a_program_of_the_registry_has_the_id_that_is_known_for_its_name(world: Stage) -> None:
    send(world, {"name": "7-Zip 22.01 (x64)", "publisher": "Igor Pavlov", "version": "22.01"}, TOOL)
    known = {name: item["winget"] for name, item in programs(world).items()}
    assert known == {"7-Zip 22.01 (x64)": "7zip.7zip", "Frobnicator": ""}


def test_the_stated_id_goes_before_the_known_one(world: Stage) -> None:
    send(world, {"name": "7-Zip 22.01 (x64)", "version": "22.01", "purl": "pkg:winget/Somebody.7zip"})
    assert programs(world)["7-Zip 22.01 (x64)"]["winget"] == "Somebody.7zip"


def test_where_the_user_chose_the_product_the_name_says_nothing(world: Stage) -> None:
    chosen = {"vendor": "frobsoft", "product": "frobnicator"}
    world.request("PUT", "/products/decisions", 200, json={"name": "7-Zip", "product": chosen})
    send(world, {"name": "7-Zip 22.01 (x64)", "version": "22.01"})
    assert programs(world)["7-Zip 22.01 (x64)"]["winget"] == ""


@pytest.mark.parametrize("kind", ["library", "package", "store_app"])
def test_only_a_program_is_a_package_of_winget(world: Stage, kind: str) -> None:
    send(world, {"name": "Git", "version": "2.37.1", "kind": kind})
    assert programs(world)["Git"]["winget"] == ""


def test_an_unknown_machine(world: Stage) -> None:
    assert "pc-9" in world.get("/machines/pc-9/exposure", 404)["error"]["message"]
