"""systemd's own opinion of the units for servers."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.supervision.children import ROOT
from tests.servers import needs

UNITS = ROOT / "resources" / "systemd"
PROGRAM = "/opt/openthreat/bin/openthreat"


def test_the_units_have_no_fault_that_systemd_sees(tmp_path: Path) -> None:
    needs("systemd-analyze")
    units = tmp_path / "units"
    shutil.copytree(UNITS, units)
    (units / "openthreat-worker@.service").rename(units / "openthreat-worker@slow.service")
    names = []
    for unit in sorted(units.glob("*.service")):  # the program is not installed where tests run
        unit.write_text(unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), encoding="utf-8")
        names.append(str(unit))
    verdict = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    assert (verdict.returncode, verdict.stderr) == (0, "")


@pytest.mark.parametrize("role", ["api", "beat", "worker@"])
def test_each_role_is_started_by_its_own_command(role: str) -> None:
    unit = (UNITS / f"openthreat-{role}.service").read_text(encoding="utf-8")
    command = f"{PROGRAM} {role.removesuffix('@')}" + (" -Q %i" if role.endswith("@") else "")
    assert f"ExecStart={command}\n" in unit


def test_everything_is_started_again_for_ever() -> None:
    common = (UNITS / "openthreat-.service.d" / "10-common.conf").read_text(encoding="utf-8")
    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(common.splitlines())
