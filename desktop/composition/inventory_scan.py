"""`openthreat inventory scan`: collects what is installed on this PC and hands it to the command that stores it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from backend.client.inventory.machine_id import own_machine_id
from backend.contract.environment import read_environment
from backend.contract.errors import OpenThreatError
from desktop.inventory.collect import Collected, collect_here
from desktop.role import main as run_role

_IMPORT_HINT = "`openthreat inventory import FILE` imports a list or an SBOM from a file."


def scan(
    *,
    as_json: bool,
    collect: Callable[[], Collected] = collect_here,
    run: Callable[[list[str]], int] = run_role,
) -> int:
    """Collect, and return the exit code of `openthreat inventory import` of the result.

    Raises:
        OpenThreatError: Nothing can be collected here.
    """
    collected = collect()
    if collected.inventory is None:
        raise OpenThreatError("Nothing can be collected here", collected.reason, _IMPORT_HINT)
    for reason, count in collected.skip_counts.items():
        sys.stderr.write(f"{count} skipped: {reason}\n")
    with tempfile.TemporaryDirectory(prefix="openthreat-") as folder:  # only this user can enter it
        file = Path(folder) / "inventory.json"
        file.write_text(collected.inventory.model_dump_json(), encoding="utf-8")
        machine = own_machine_id(read_environment().home)
        return run(["inventory", "import", str(file), "--machine", machine, *(["--json"] if as_json else [])])
