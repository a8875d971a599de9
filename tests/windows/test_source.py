"""The tests themselves, by a Windows Python: what needs no server, the data layer on SQLite, and real workers."""

from __future__ import annotations

import sys

import pytest

from tests.windows.machine import Machine

TESTS = ("tests/unit", "tests/contract", "tests/integration/worker")


@pytest.mark.skipif(sys.platform == "win32", reason="here they run by themselves")
def test_unit_contract_and_worker_tests_pass_on_windows(windows: Machine) -> None:
    ran = windows.run(
        windows.python, "resources/bootstrap.py", "--test", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
        "-m", "not realdata", *TESTS, timeout=1400, PYTHONUTF8="1",
    )  # fmt: skip
    (windows.pictures.parent / "source.txt").write_text(ran.said, encoding="utf-8")
    print(ran.said[-6000:])
    assert ran.code == 0, ran.said[-6000:]
