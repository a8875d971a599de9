"""Inventories of machines, what a matching run makes of them, and the triage of findings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.contract.names import TaskName
from backend.domain.claims import Affected, RecordState
from backend.services.exposure.matching_run import match_inventory
from backend.store.exposure_tables import finding_history, findings, machine_programs, programs
from backend.store.repositories.metadata import REBUILT_UP_TO_KEY, MetadataRepository
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.installed import (
    BEFORE_100,
    BEFORE_116,
    CVES,
    FIREFOX,
    NEW,
    OLD,
    OTHER,
    SYSTEM,
    WINDOWS,
    after_an_update,
    match,
    put_flaws,
    send,
    state,
    stated,
)
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability


@pytest.fixture
def world(stage: Stage) -> Stage:
    return put_flaws(stage)


def listed(stage: Stage, **filters: object) -> list[tuple[str, str, str]]:
    """Of the findings the machine, the CVE id and the state."""
    return [(item["machine"], item["cve_id"], item["state"]) for item in stage.get("/findings", **filters)["items"]]


def rows(stage: Stage, table: object) -> int:
    with stage.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def history(stage: Stage, finding: int) -> list[tuple[str, str]]:
    return [(event["state"], event["note"]) for event in stage.get(f"/findings/{finding}")["history"]]


def test_an_inventory_is_stored_and_matched_by_a_run(world: Stage) -> None:
    stored = send(world, OLD, OTHER, os=SYSTEM)
    assert {name: stored[name] for name in ("machine", "programs", "added", "removed", "duplicates")} == {
        "machine": "pc-1",
        "programs": 3,
        "added": 3,
        "removed": 0,
        "duplicates": 0,
    }
    assert world.sent == [(stored["task_id"], TaskName.MATCH, "fast")]
    assert listed(world) == []
    assert match(world) == {"programs": 3}
    assert listed(world) == [("pc-1", CVES[1], "open"), ("pc-1", CVES[0], "open")]
    assert match(world) == {"programs": 0}
    (exploited, _) = world.get("/findings")["items"]
    assert exploited == exploited | {
        "machine_name": "PC-1",
        "software": OLD["name"],
        "version": "99.0",
        "product": "mozilla:firefox",
        "verdict": "affected",
        "reason": "NVD calls versions before 100.0 affected.",
        "fixed_in": "100.0",
        "source": "nvd",
        "exploited_in_the_wild": True,
        "resolved_at": None,
        "resolution": None,
    }


def test_machines_are_listed_with_their_findings(world: Stage) -> None:
    send(world, OLD, os=SYSTEM)
    send(world, NEW, machine="pc-2")
    match(world)
    first, second = world.get("/machines")["items"]
    assert (first["id"], first["name"], first["user"], first["os"]["build"]) == ("pc-1", "PC-1", "me", SYSTEM["build"])
    assert first["findings"] == {"affected": 2, "cannot_tell": 0, "exploited": 1}
    assert second["findings"] == {"affected": 0, "cannot_tell": 0, "exploited": 0}
    (firefox,) = world.get("/machines/pc-1")["software"]
    assert (firefox["software"]["version"], firefox["product"]["keys"]) == ("99.0", ["mozilla:firefox"])
    assert (firefox["matched"], firefox["counts"]) == (True, {"affected": 2, "cannot_tell": 0, "not_affected": 0})
    world.get("/machines/pc-3", 404)


def test_the_same_inventory_again_writes_nothing(world: Stage) -> None:
    send(world, OLD, OTHER)
    match(world)
    world.now += timedelta(hours=1)
    again = send(world, OTHER, OLD)
    assert (again["added"], again["removed"], again["task_id"]) == (0, 0, None)
    assert world.get("/machines/pc-1")["last_seen_at"] == world.get("/machines/pc-1")["first_seen_at"]
    world.now += timedelta(days=1)
    send(world, OTHER, OLD)
    assert world.get("/machines/pc-1")["last_seen_at"] > world.get("/machines/pc-1")["first_seen_at"]


def test_equal_entries_count_once_and_versions_side_by_side_have_their_own_findings(world: Stage) -> None:
    stored = send(world, OLD, OLD, NEW)
    assert (stored["programs"], stored["duplicates"]) == (2, 1)
    match(world)
    assert {item["version"] for item in world.get("/findings")["items"]} == {"99.0"}


def test_a_program_of_several_machines_is_matched_once(world: Stage) -> None:
    send(world, OLD)
    assert match(world) == {"programs": 1}
    assert send(world, OLD, machine="pc-2")["task_id"] is None
    assert sorted(listed(world)) == [(machine, cve, "open") for machine in ("pc-1", "pc-2") for cve in CVES]


def test_an_updated_program_resolves_its_findings(world: Stage) -> None:
    send(world, OLD)
    match(world)
    world.now += timedelta(days=1)
    send(world, NEW)
    match(world)
    assert listed(world) == []
    first, _ = world.get("/findings", state="resolved")["items"]
    assert (first["state"], first["verdict"]) == ("resolved", "affected")
    assert first["resolved_at"] > first["first_seen_at"]
    assert first["resolution"] in ("Updated to 200.0.", "Removed from the machine.")
    send(world, OLD)
    assert len(listed(world)) == 2
    assert history(world, first["id"])[-1] == ("open", "Found again.")


def test_a_removed_program_resolves_its_findings(world: Stage) -> None:
    send(world, OLD)
    match(world)
    send(world, OTHER)
    assert {item["resolution"] for item in world.get("/findings", state="resolved")["items"]} == {
        "Removed from the machine."
    }


def test_a_narrower_range_ends_a_finding_with_that_reason(world: Stage) -> None:
    send(world, OLD)
    match(world)
    narrower = stated(CVES[0], Affected(cpe=FIREFOX, version_end_excluding="98.0"))
    state(world, {CVES[0]: narrower}, {CVES[0]: BEFORE_116})
    assert match(world) == {"programs": 1}
    assert listed(world) == [("pc-1", CVES[1], "open")]
    (resolved,) = world.get("/findings", state="resolved")["items"]
    assert resolved["resolution"] == "Not affected: NVD calls only versions before 98.0 affected."
    assert resolved["verdict"] is None


def test_lost_statements_and_rejected_records_end_findings(world: Stage) -> None:
    send(world, OLD)
    match(world)
    with world.database.transaction() as connection:
        rejected = vulnerability(CVES[1], state=RecordState.REJECTED)
        put_vulnerabilities(connection, [(rejected, 0.1)], world.now)
    state(world, {CVES[0]: (), CVES[1]: ()}, {CVES[0]: BEFORE_116, CVES[1]: BEFORE_100})
    match(world)
    ends = {item["cve_id"]: item["resolution"] for item in world.get("/findings", state="resolved")["items"]}
    assert ends == {CVES[0]: "No source states this product any more.", CVES[1]: "The record was rejected."}


def test_only_programs_whose_statements_changed_are_matched_again(world: Stage) -> None:
    send(world, OLD, os=SYSTEM)
    match(world)
    more = stated(CVES[0], Affected(cpe=WINDOWS, version_end_excluding="10.0.22631.9999"))
    state(world, {CVES[0]: (*BEFORE_116, *more)}, {CVES[0]: BEFORE_116})
    assert match(world) == {"programs": 1}
    assert ("pc-1", CVES[0], "open") in listed(world, software="Windows")


def test_an_unknown_program_is_looked_up_again_when_there_are_new_products(world: Stage) -> None:
    send(world, {"name": "Frobnicator 1.9", "publisher": "Frobsoft", "version": "1.9"})
    match(world)
    assert listed(world) == []
    cpe = "cpe:2.3:a:frobsoft:frobnicator:*:*:*:*:*:*:*:*"
    state(world, {CVES[0]: (*BEFORE_116, *stated(CVES[0], Affected(cpe=cpe)))}, {CVES[0]: BEFORE_116})
    assert match(world) == {"programs": 1}
    assert [item["verdict"] for item in world.get("/findings")["items"]] == ["cannot_tell"]


def test_while_statements_are_derived_anew_nothing_is_matched(world: Stage) -> None:
    send(world, OLD)
    with world.database.transaction() as connection:
        MetadataRepository(connection).set(REBUILT_UP_TO_KEY, "")
    assert match(world) == {"programs": 0}
    with world.database.transaction() as connection:
        MetadataRepository(connection).delete(REBUILT_UP_TO_KEY)
    assert match(world) == {"programs": 1}


class Killed(Exception):  # noqa: N818 - what happens to the process
    pass


class KilledAt(CountingRun):
    """A run whose process ends at a later step."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def fence(self, connection: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize("steps", range(4))
def test_killed_anywhere_it_ends_with_the_same_findings(world: Stage, steps: int) -> None:
    send(world, OLD, OTHER, NEW)
    with pytest.raises(Killed):
        match_inventory(world.settings, world.database, KilledAt(steps), lambda: world.now)
    match(world)
    assert len(listed(world)) == 2
    assert rows(world, finding_history) == 0


class TestTriage:
    def test_a_finding_is_acknowledged_ignored_and_opened(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        finding = world.get("/findings")["items"][0]["id"]
        for state_, note in (("acknowledged", "Looking at it."), ("ignored", "Not reachable."), ("open", "")):
            changed = world.request("PATCH", f"/findings/{finding}", 200, json={"state": state_, "note": note})
            assert (changed["state"], changed["note"]) == (state_, note)
        assert [event for event, _ in history(world, finding)] == ["acknowledged", "ignored", "open"]

    def test_what_is_ignored_until_a_time_is_open_again_then(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        finding = world.get("/findings")["items"][0]["id"]
        until = (world.now + timedelta(days=7)).isoformat()
        world.request("PATCH", f"/findings/{finding}", 200, json={"state": "ignored", "until": until})
        after_an_update(world)
        assert world.get(f"/findings/{finding}")["state"] == "ignored"
        world.now += timedelta(days=8)
        assert after_an_update(world) is None, "nothing has to be matched"
        assert world.get(f"/findings/{finding}")["state"] == "open"
        assert history(world, finding)[-1] == ("open", "Ignored until now.")

    def test_triage_survives_a_repeated_matching(self, world: Stage) -> None:
        send(world, OLD)
        match(world)
        finding = world.get("/findings")["items"][0]["id"]
        world.request("PATCH", f"/findings/{finding}", 200, json={"state": "acknowledged", "note": "mine"})
        wider = stated(CVES[0], Affected(cpe=FIREFOX, version_end_excluding="117.0"))
        state(world, {CVES[0]: wider}, {CVES[0]: BEFORE_116})
        assert match(world) == {"programs": 1}
        assert world.get(f"/findings/{finding}")["note"] == "mine"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"state": "resolved"},
            {"state": "open", "x": 1},
            {"state": "open", "note": "x" * 2001},
            *({"state": "ignored", "until": wrong} for wrong in (0, "0", 1.5, True, "", "soon", "2026-01-31T12:00:00")),
            {"state": "ignored", "until": "0001-01-01T00:00:00+05:00"},
        ],
    )
    def test_other_states_are_refused(self, world: Stage, body: Json) -> None:
        world.request("PATCH", "/findings/1", 422, json=body)

    def test_a_finding_that_is_not_there_is_not_found(self, world: Stage) -> None:
        world.request("PATCH", "/findings/4711", 404, json={"state": "open"})
        world.get("/findings/4711", 404)


def test_findings_are_filtered(world: Stage) -> None:
    send(world, OLD)
    send(world, OLD, machine="pc-2")
    match(world)
    assert listed(world, machine="pc-2", exploited=True) == [("pc-2", CVES[1], "open")]
    assert len(listed(world, machine="PC-1")) == 2
    assert len(listed(world, software="firefox", verdict="affected")) == 4
    assert {cve_id for _, cve_id, _ in listed(world, cve_id=CVES[0])} == {CVES[0]}
    assert {cve_id for _, cve_id, _ in listed(world, cve_id=[*CVES, "CVE-1999-0001"])} == set(CVES)
    assert (
        listed(world, software="100%") == listed(world, state="ignored") == listed(world, verdict="cannot_tell") == []
    )
    page = world.get("/findings", page=2, page_size=3)
    assert (page["total"], page["total_pages"], len(page["items"])) == (4, 2, 1)
    world.get("/findings", 422, colour="red")


def test_a_machine_is_removed_with_its_findings(world: Stage) -> None:
    send(world, OLD)
    send(world, OLD, machine="pc-2")
    match(world)
    assert world.client.delete("/api/v1/machines/pc-1").status_code == 204
    assert {machine for machine, _, _ in listed(world)} == {"pc-2"}
    assert (rows(world, findings), rows(world, machine_programs)) == (2, 1)
    assert world.client.delete("/api/v1/machines/pc-1").status_code == 404


def test_a_machine_that_has_not_been_seen_for_long_is_marked(world: Stage) -> None:
    send(world, OLD)
    world.now += timedelta(days=91)
    assert world.get("/machines/pc-1")["is_gone"]
    send(world, OLD)
    assert not world.get("/machines/pc-1")["is_gone"]


def test_a_renamed_machine_is_the_same_one(world: Stage) -> None:
    send(world, OLD)
    renamed = {"software": [OLD], "machine": {"name": "NEW-NAME"}}
    world.request("PUT", "/machines/pc-1/inventory", 200, json=renamed)
    (machine,) = world.get("/machines")["items"]
    assert (machine["id"], machine["name"]) == ("pc-1", "NEW-NAME")


def test_odd_entries_are_stored_and_matched(world: Stage) -> None:
    odd = [{"name": name, "version": name} for name in ("\u0000", "\u202e資料", "%_'\"", "x" * 400, "\\")]
    send(world, *odd)
    match(world)
    assert len(world.get("/machines/pc-1")["software"]) == len(odd)


def test_twenty_thousand_entries_are_stored_and_more_are_refused(world: Stage) -> None:
    many = [{"name": f"Program {number}", "version": "1"} for number in range(20_000)]
    assert send(world, *many)["added"] == 20_000
    assert send(world, *many)["added"] == 0
    assert rows(world, programs) == 20_000
    world.request("PUT", "/machines/pc-1/inventory", 422, json={"software": [*many, OTHER]})


def test_the_watchlist_is_replaced_as_a_whole(world: Stage) -> None:
    assert world.get("/watchlist") == {"items": []}
    wanted = {"vendor": "cisco", "product": "ios xe", "version": "17.3", "search": ""}
    nothing = {"vendor": "", "product": "", "version": "1", "search": ""}
    stored = world.request("PUT", "/watchlist", 200, json={"items": [wanted, wanted, nothing]})
    assert stored == world.get("/watchlist") == {"items": [wanted]}
    world.request("PUT", "/watchlist", 422, json={"items": [wanted] * 501})


def mine(stage: Stage, **filters: object) -> set[str]:
    whole = {item["cve_id"] for item in stage.get("/vulnerabilities", mine=True, **filters)["items"]}
    assert whole == {item["cve_id"] for item in stage.get("/vulnerabilities/all", mine=True, **filters)["items"]}
    return whole


def test_mine_is_what_concerns_the_machines_or_is_watched(world: Stage) -> None:
    with world.database.transaction() as connection:
        rows = [
            vulnerability("CVE-2024-2001", vendors=("cisco",), products=("ios xe",)),
            vulnerability("CVE-2024-2002", vendors=("cisco",), products=("webex",), title="A frobbed thing"),
            vulnerability("CVE-2024-2003"),
        ]
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], world.now)
    assert mine(world) == set()
    send(world, OLD)
    match(world)
    assert mine(world) == set(CVES)
    assert mine(world, exploited=True) == {CVES[1]}
    watched = [{"vendor": "Cisco", "product": "IOS XE"}, {"search": "frobbed"}]
    world.request("PUT", "/watchlist", 200, json={"items": watched})
    assert mine(world) == {*CVES, "CVE-2024-2001", "CVE-2024-2002"}
    assert mine(world, vendor="cisco") == {"CVE-2024-2001", "CVE-2024-2002"}
    assert mine(world, search="frobbed") == {"CVE-2024-2002"}
    finding = world.get("/findings")["items"][0]["id"]
    world.request("PATCH", f"/findings/{finding}", 200, json={"state": "ignored"})
    assert mine(world) == {CVES[0], "CVE-2024-2001", "CVE-2024-2002"}


def test_a_watched_version_is_matched_like_an_installed_program_wherever_it_runs(world: Stage) -> None:
    fortios = "cpe:2.3:o:fortinet:fortios:*:*:*:*:*:*:*:*"
    cves = ("CVE-2024-3001", "CVE-2024-3002")
    with world.database.transaction() as connection:
        rows = [vulnerability(name, vendors=("fortinet",), products=("fortios",)) for name in cves]
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], world.now)
    before_5 = stated(cves[0], Affected(cpe=fortios, version_end_excluding="7.2.5"))
    before_9 = stated(cves[1], Affected(cpe=fortios, version_end_excluding="7.2.9"))
    state(world, {cves[0]: before_5, cves[1]: before_9}, {})

    def watch(version: str) -> set[str]:
        item = {"vendor": "Fortinet", "product": "FortiOS", "version": version}
        world.request("PUT", "/watchlist", 200, json={"items": [item]})
        match(world)
        return mine(world)

    assert watch("7.2.4") == {*cves}
    assert watch("7.2.6") == {cves[1]}
    assert listed(world) == [], "it is on no machine"
    later = stated(cves[0], Affected(cpe=fortios, version_end_excluding="7.2.8"))
    state(world, {cves[0]: later}, {cves[0]: before_5})
    match(world)
    assert mine(world) == {*cves}
    assert watch("7.4.0") == set()
    assert watch("") == {*cves}, "all versions"


def test_what_no_database_stores_is_read_as_blank(world: Stage) -> None:
    odd = "a\0b"
    world.request(
        "PUT",
        "/machines/odd/inventory",
        200,
        json={"software": [{**OLD, "version": odd}], "machine": {"name": odd, "user": odd}},
    )
    assert [item["name"] for item in world.get("/machines")["items"]] == ["a b"]
    watched = {"vendor": odd, "product": odd, "version": odd}
    world.request("PUT", "/watchlist", 200, json={"items": [watched]})
    assert world.get("/watchlist")["items"][0]["product"] == "a b"
    world.request("PUT", "/products/decisions", 200, json={"name": odd, "product": {"vendor": odd, "product": odd}})
    send(world, OLD)
    match(world)
    finding = world.get("/findings")["items"][0]["id"]
    changed = {"state": "ignored", "note": odd}
    assert world.request("PATCH", f"/findings/{finding}", 200, json=changed)["note"] == "a b"
    world.request("PATCH", "/findings", 200, json={"ids": [finding], **changed})
