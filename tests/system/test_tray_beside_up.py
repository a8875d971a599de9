"""`openthreat tray` while `openthreat up` runs for the same data folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.system.running import Up

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


def test_a_program_in_a_terminal_has_no_window_to_show_and_that_is_said(home: Path) -> None:
    up = Up(home, free_port(), QT_QPA_PLATFORM="offscreen", OPENTHREAT_STACK="embedded")
    try:
        up.runs("api")
        tray = up.types("tray")
        assert tray.returncode == 1
        assert "is already running in a terminal" in tray.stderr
        assert "openthreat tray --replace" in tray.stderr
        assert up.types("tray", "--quit").returncode == 0
        assert up.ends(20) == 0
    finally:
        up.close()
