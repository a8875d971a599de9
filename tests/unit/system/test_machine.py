"""Facts that a library may fail to provide."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from backend.system.machine import free_bytes, home_folder, host_name, usable_cores


@pytest.mark.parametrize(
    ("reported", "used"), [("", "localhost"), ("pc-7", "pc-7"), ("b\udcfcro", "b?ro"), ("büro", "büro")]
)
def test_a_host_has_a_name_that_can_be_stored(monkeypatch: pytest.MonkeyPatch, reported: str, used: str) -> None:
    monkeypatch.setattr(platform, "node", lambda: reported)
    assert host_name() == used


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, OSError])
def test_room_that_nobody_tells_is_not_known(monkeypatch: pytest.MonkeyPatch, error: type[OSError]) -> None:
    def refuse(path: str) -> None:
        raise error(path)

    monkeypatch.setattr(psutil, "disk_usage", refuse)
    assert free_bytes(Path("/")) is None


def test_an_account_without_a_home_has_the_folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", refuse)
    assert home_folder() == Path(tempfile.gettempdir())


BOUND = """
import sys
from backend.system.machine import usable_cores
if sys.platform == "win32":  # psutil checks a mask by the times of each core, which Wine does not always have
    import ctypes
    assert ctypes.windll.kernel32.SetProcessAffinityMask(ctypes.c_void_p(-1), ctypes.c_size_t(1))
else:
    import os
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
print(usable_cores())
"""


def test_a_process_that_is_bound_to_a_core_uses_one() -> None:
    counted = subprocess.run([sys.executable, "-c", BOUND], check=True, capture_output=True, text=True)
    assert int(counted.stdout) == 1


def test_cores_are_counted_where_the_library_counts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == len(psutil.Process().cpu_affinity())
