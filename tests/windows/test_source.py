"""The tests themselves, by a Windows Python: unit and contract tests, and those with real workers and children.

PostgreSQL and Redis are this machine's: Windows' own drivers connect to them.
"""

from __future__ import annotations

import sys

import pytest

from tests.servers import PostgresServer, RedisServer
from tests.windows.machine import Machine

pytestmark = pytest.mark.full

HOST_TESTS = ("families", "on_windows", "spawner", "windows_twin")
KINDS = {
    "unit": ("tests/unit",),
    "contract": ("tests/contract",),
    "processes": (
        "tests/integration/worker",
        *(f"tests/integration/host/test_{name}.py" for name in HOST_TESTS),
        "tests/integration/state/test_resource_sampler.py",
    ),
}
LIMIT = 3600  # seconds


@pytest.mark.skipif(sys.platform == "win32", reason="here they run by themselves")
@pytest.mark.timeout(LIMIT + 100)
@pytest.mark.parametrize("kind", KINDS)
def test_the_tests_pass_on_windows(
    windows: Machine, postgres: PostgresServer, redis_server: RedisServer, kind: str
) -> None:
    ran = windows.run(
        windows.python, "resources/bootstrap.py", "--test", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
        "--durations", "20", "-m", "not (realdata or docker)", *KINDS[kind],
        OPENTHREAT_TEST_POSTGRES=postgres.url(), OPENTHREAT_TEST_REDIS=redis_server.address, PYTHONUTF8="1",
        timeout=LIMIT,
    )  # fmt: skip
    (windows.pictures.parent / f"{kind}.txt").write_text(ran.output, encoding="utf-8")
    print(ran.output[-6000:])
    assert ran.code == 0, ran.output[-6000:]
