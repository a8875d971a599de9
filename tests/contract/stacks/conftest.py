"""The Docker stack with the fake docker program and with the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.contract.stack import project_of
from tests.docker import Docker, FakeDocker, RealDocker, with_ports_of_its_own


@pytest.fixture(params=["fake", pytest.param("real", marks=[pytest.mark.docker, pytest.mark.xdist_group("docker")])])
def docker(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Iterator[Docker]:
    found = FakeDocker(tmp_path / "docker") if request.param == "fake" else RealDocker()
    with_ports_of_its_own(home)
    yield found
    found.remove(project_of(home))
