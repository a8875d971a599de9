"""What the bootstrap script does to the system, and the message that it prints first."""

from __future__ import annotations

import os
import runpy
import subprocess
from pathlib import Path
from types import FunctionType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "resources" / "bootstrap.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it installs nothing of the system on Windows")


@pytest.fixture
def install_for_tests(monkeypatch: pytest.MonkeyPatch) -> FunctionType:
    """On a Debian where root has none of the packages; commands are printed instead of run."""
    function: FunctionType = runpy.run_path(str(SCRIPT))["install_for_tests"]
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _program: "/usr/bin/apt-get")
    monkeypatch.setitem(function.__globals__, "_installed", lambda _package: False)
    monkeypatch.setattr(subprocess, "run", lambda command, **_options: print(*command))
    return function


def test_it_says_which_packages_it_installs_why_and_how_to_avoid_it(
    install_for_tests: FunctionType, capsys: pytest.CaptureFixture[str]
) -> None:
    install_for_tests()
    commands, messages = capsys.readouterr()
    assert "apt-get" in commands
    assert "As root" in messages
    assert "which the tests start: postgresql, redis-server" in messages
    assert "OPENTHREAT_TEST_SYSTEM_PACKAGES=no" in messages


def test_it_installs_nothing_where_that_is_not_wanted(
    install_for_tests: FunctionType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENTHREAT_TEST_SYSTEM_PACKAGES", "no")
    install_for_tests()
    assert capsys.readouterr() == ("", "")
