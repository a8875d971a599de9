"""The command `openthreat report`, as it is typed, against a running API."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.integration.api.conftest import Command, RunningApi


@pytest.mark.parametrize(
    ("name", "options", "head"),
    [
        ("a.html", [], "<!DOCTYPE html>"),
        ("a.csv", [], "\ufeffkind,"),
        ("a.json", ["--period", "month", "--scope", "all"], "{"),
        ("report", [], "<!DOCTYPE html>"),
        ("a.txt", ["--format", "json"], "{"),
    ],
)
def test_a_file_has_the_form_of_its_ending_or_the_one_that_is_asked_for(
    api: RunningApi, openthreat: Command, tmp_path: Path, name: str, options: list[str], head: str
) -> None:
    code, out, _ = openthreat("report", "-o", str(tmp_path / name), *options)
    assert code == 0
    assert out.startswith(f"{name}: ")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(head)


def test_a_pdf_is_made_without_a_window(api: RunningApi, openthreat: Command, tmp_path: Path) -> None:
    assert openthreat("report", "-o", str(tmp_path / "a.pdf"))[0] == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


def test_without_a_file_it_is_printed(api: RunningApi, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from backend.cli.main import main

    assert main(["report", "--json"]) == 0
    sys.stdout.flush()
    assert json.loads(capfdbinary.readouterr().out)["scope"] == "mine"


def test_an_unknown_machine_is_said(api: RunningApi, openthreat: Command) -> None:
    code, _, err = openthreat("report", "--machine", "nobody")
    assert code == 1
    assert "No such machine" in err


def test_a_folder_that_is_not_there_is_said(api: RunningApi, openthreat: Command, tmp_path: Path) -> None:
    code, _, err = openthreat("report", "-o", str(tmp_path / "gone" / "a.html"))
    assert code == 1
    assert "The report cannot be written" in err


def test_an_unknown_ending_needs_a_format(openthreat: Command, tmp_path: Path) -> None:
    code, _, err = openthreat("report", "-o", str(tmp_path / "a.docx"))
    assert (code, "Give --format" in err) == (2, True)


def test_a_wrong_period_is_refused(api: RunningApi, openthreat: Command) -> None:
    assert openthreat("report", "--period", "year")[0] == 2
