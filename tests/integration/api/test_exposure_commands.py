"""Commands about what is installed, as they are typed, against a running API."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.domain.claims import Affected, Claim, Feed, RecordState, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.services.exposure.matching_run import match_inventory
from backend.store.repositories.statements import StatementRepository, statement_changes
from tests.fakes.sources import CountingRun
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.integration.api.conftest import Command, RunningApi

CVE = "CVE-2024-1001"
LIST = "name,publisher,version\nMozilla Firefox (x64 en-US),Mozilla,99.0\nNotes,,1.0\n,,\n"


@pytest.fixture
def world(api: RunningApi) -> RunningApi:
    affected = Affected(cpe="cpe:2.3:a:mozilla:firefox:*:*:*:*:*:*:*:*", version_end_excluding="116.0")
    stated = statements_of(RecordState.PUBLISHED, [SourceRecord(Feed.NVD, CVE, CVE, Claim(affected=(affected,)))])
    with api.database.transaction() as connection:
        row = vulnerability(CVE, exploited_in_the_wild=True)
        put_vulnerabilities(connection, [(row, 0.9)], datetime.now(UTC))
        StatementRepository(connection).put(statement_changes({CVE: stated}, before={}))
    return api


def test_match_names_product_version_counts_and_the_update(world: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("match", "Mozilla Firefox", "--version", "115.0")
    assert code == 0
    for words in (
        "mozilla:firefox (certain)",
        "Version: 115.0",
        "1 affect it",
        "Update to 116.0 or later.",
        "EXPLOITED",
        CVE,
    ):
        assert words in out
    code, out, _ = openthreat("--json", "match", "Mozilla Firefox", "--version", "115.0")
    (item,) = json.loads(out)["items"]
    assert (code, item["findings"][0]["cve_id"]) == (0, CVE)


def test_match_says_that_a_program_is_unknown(world: RunningApi, openthreat: Command) -> None:
    code, out, _ = openthreat("match", "Nobody knows this")
    assert (code, out.strip()) == (0, "Product: unknown")


def test_an_inventory_is_imported_listed_and_shown(world: RunningApi, openthreat: Command, tmp_path: Path) -> None:
    file = tmp_path / "pc one.csv"
    file.write_text(LIST)
    code, out, _ = openthreat("inventory", "import", str(file))
    assert code == 0
    assert "pc one: 2 programs, 2 new, 0 gone." in out
    assert "Nothing known" in openthreat("exposure")[1]
    match_inventory(world.settings, world.database, CountingRun())
    code, out, _ = openthreat("exposure", "--exploited")
    assert code == 0
    assert CVE in out
    assert "116.0" in out
    assert "1 found, page 1 of 1." in out
    assert "1 found, on 1 page." in openthreat("exposure", "--page", "2")[1]
    assert CVE in openthreat("exposure", "--machine", "pc one")[1]
    code, out, err = openthreat("exposure", "--machine", "another")
    assert (code, out, "No such machine" in err) == (1, "", True)
    assert "pc one" in openthreat("inventory", "list")[1]
    code, out, _ = openthreat("inventory", "list", "pc one")
    assert "mozilla:firefox" in out
    assert "unknown: " in out
    assert json.loads(openthreat("inventory", "list", "--json")[1])["items"][0]["findings"]["affected"] == 1


def test_a_file_that_is_no_inventory_is_refused(world: RunningApi, openthreat: Command, tmp_path: Path) -> None:
    file = tmp_path / "nonsense"
    file.write_bytes(bytes(range(256)) * 100)
    code, _, err = openthreat("inventory", "import", str(file))
    assert code == 1
    assert err
    assert openthreat("inventory", "import", str(tmp_path / "missing"))[0] == 2
    for words in (("inventory", "list"), ("exposure",)):
        assert "No inventory is stored" in openthreat(*words)[1]


def test_a_decision_is_made_and_taken_back(world: RunningApi, openthreat: Command) -> None:
    assert "mozilla:firefox" in openthreat("inventory", "decide", "My Browser", "--product", "mozilla:firefox")[1]
    assert "mozilla:firefox" in openthreat("match", "My Browser", "--version", "1")[1]
    assert "unknown" in openthreat("inventory", "decide", "My Browser", "--forget")[1]
    assert "unknown" in openthreat("inventory", "decide", "Mozilla Firefox", "--none")[1]
    for options in ([], ["--none", "--forget"], ["--product", "firefox"], ["--product", ":"]):
        assert openthreat("inventory", "decide", "My Browser", *options)[0] == 2


@pytest.mark.parametrize("words", [("match", ""), ("inventory", "decide", "", "--none"), ("match", "x" * 500)])
def test_an_empty_or_long_name_is_refused_in_a_sentence(openthreat: Command, words: tuple[str, ...]) -> None:
    code, _, err = openthreat(*words)
    assert code == 2
    assert err.startswith("An argument is not valid: name is ")


def test_without_an_api_they_say_so(home: Path, openthreat: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", "1")
    for words in (["match", "x"], ["exposure"], ["inventory", "list"]):
        assert openthreat(*words)[0] == 3
