"""One Windows system for all tests: the project is copied to it, frozen, and removed afterwards."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.feed_server import FeedServer
from tests.windows.frozen import Frozen
from tests.windows.installing import INSTALLER, Packaging
from tests.windows.machine import Machine, SetUpError, ThisWindows, Wine

FROZEN_BEFORE = bool(os.environ.get("OPENTHREAT_TEST_FROZEN"))
"""Keeps the frozen program between runs, for work on these tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(1500))
            item.add_marker(pytest.mark.xdist_group("windows"))  # one Wine, one screen, one folder


@pytest.fixture(scope="session")
def windows() -> Machine:
    machine: Machine = ThisWindows() if sys.platform == "win32" else Wine()
    try:
        machine.set_up()
    except SetUpError as reason:
        print(f"\nNothing of Windows is tested: {reason}")
        pytest.skip(str(reason))
    if not FROZEN_BEFORE:
        machine.copy_project()
    machine.pictures.mkdir(parents=True, exist_ok=True)
    return machine


@pytest.fixture(scope="session")
def frozen(windows: Machine) -> Frozen:
    """Freeze the program with the release script, in a folder with a non-Latin name."""
    if FROZEN_BEFORE:
        return Frozen(windows, (windows.folder / "build.txt").read_text(encoding="utf-8"))
    made = windows.run(windows.python, "resources/build.py", "freeze", timeout=1400, PYTHONUTF8="1")
    (windows.folder / "build.txt").write_text(made.output, encoding="utf-8")
    print(made.output)
    assert made.code == 0, made.output
    return Frozen(windows, made.output)


@pytest.fixture(scope="session")
def nsis(windows: Machine) -> None:
    """NSIS, which the set-up installs under Wine."""
    if INSTALLER.compiler() is None:
        pytest.skip("there is no NSIS here")


@pytest.fixture(scope="session")
def packaging(frozen: Frozen, nsis: None) -> Iterator[Packaging]:
    """Build the installer in parallel to the tests: it takes one core for 90 seconds."""
    begun = Packaging(frozen)
    yield begun
    begun.close()


@pytest.fixture
def data(windows: Machine) -> Iterator[Path]:
    """An empty data folder. Processes that still run after the test are killed."""
    folder = windows.folder / "data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    yield folder
    for process in windows.processes_below(windows.project / "dist"):
        process.kill()


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server
