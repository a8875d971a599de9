"""The doctor as a process of its own, while no service runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from backend.contract.diagnosis import CheckState
from backend.contract.errors import OpenThreatError
from desktop import role
from desktop.diagnostics.doctor import diagnose
from desktop.host import Launch
from tests.servers import free_port


def variables(home: Path, **more: str) -> dict[str, str]:
    nowhere = {f"OPENTHREAT_{name}_URL": "http://127.0.0.1:9" for name in ("CISA", "NVD")}
    return {**os.environ, "OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(free_port()), **nowhere, **more}


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Run other code in place of the doctor."""
    monkeypatch.setattr(role, "launch", lambda _, given: Launch([sys.executable, "-c", code], given, Path.cwd()))


def test_finds_something_with_nothing_running(tmp_path: Path) -> None:
    found = diagnose(variables(tmp_path))
    states = {finding.name: finding.state for finding in found.findings}
    assert states["settings"] is CheckState.OK
    assert states["database"] is CheckState.WARNING


def test_tells_of_settings_that_cannot_be_read(tmp_path: Path) -> None:
    found = diagnose(variables(tmp_path, OPENTHREAT_LOG_LEVEL="loud"))
    assert [(finding.name, finding.state) for finding in found.findings] == [("settings", CheckState.PROBLEM)]


def test_warnings_around_the_findings_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "print('{warning}'); print('{\\n\"healthy\": true, \"findings\": []\\n}'); print('bye')")
    assert diagnose(variables(tmp_path)).healthy


def test_a_process_that_says_nothing_useful_is_told_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "print('{}'); print('no module named x'); raise SystemExit(4)")
    with pytest.raises(OpenThreatError, match=r"failed: Exit code 4\. no module named x"):
        diagnose(variables(tmp_path))


def test_one_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "input()")
    with pytest.raises(OpenThreatError, match="took too long"):
        diagnose(variables(tmp_path), timeout_s=0.5)
