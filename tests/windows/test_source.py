"""The tests themselves, by a Windows Python: unit and contract tests, and those with real workers and children.

PostgreSQL and Redis are this machine's: Windows' own drivers speak to them.
"""

from __future__ import annotations

import sys

import pytest

from tests.servers import PostgresServer, RedisServer
from tests.windows.machine import Machine

pytestmark = pytest.mark.full

OF_THE_HOST = ("families", "gauge", "on_windows", "spawner", "windows_twin")
TESTS = (
    "tests/unit",
    "tests/contract",
    "tests/integration/worker",
    *(f"tests/integration/supervisor/test_{name}.py" for name in OF_THE_HOST),
)


@pytest.mark.skipif(sys.platform == "win32", reason="here they run by themselves")
def test_unit_contract_and_worker_tests_pass_on_windows(
    windows: Machine, postgres: PostgresServer, redis_server: RedisServer
) -> None:
    ran = windows.run(
        windows.python, "resources/bootstrap.py", "--test", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
        "--durations", "20", "-m", "not (realdata or docker)", *TESTS,
        OPENTHREAT_TEST_POSTGRES=postgres.url(), OPENTHREAT_TEST_REDIS=redis_server.address, PYTHONUTF8="1",
        timeout=1400,
    )  # fmt: skip
    (windows.pictures.parent / "source.txt").write_text(ran.said, encoding="utf-8")
    print(ran.said[-6000:])
    assert ran.code == 0, ran.said[-6000:]
