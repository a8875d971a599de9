"""An unusable data folder is reported at once, and no partial files are left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import free_port
from tests.windows.frozen import CONSOLE, NOWHERE, WINDOWED, Frozen
from tests.windows.machine import FILLER, Ended

pytestmark = pytest.mark.full

PROGRAMS = pytest.mark.parametrize("words", [(CONSOLE, "up"), (WINDOWED, "tray")], ids=["up", "tray"])


def run(frozen: Frozen, data: Path, words: tuple[str, ...]) -> Ended:
    name, *rest = words
    variables = {**NOWHERE, "OPENTHREAT_STACK": "embedded", "OPENTHREAT_API_PORT": str(free_port())}
    return frozen.machine.run(
        frozen.program(name), *rest, timeout=60, OPENTHREAT_HOME=frozen.machine.seen(data), **variables
    )


@PROGRAMS
@pytest.mark.parametrize("read_only", [True, False], ids=["read-only", "full"])
def test_a_disk_that_takes_nothing_is_named_and_nothing_half_written_is_left(
    frozen: Frozen, data: Path, words: tuple[str, ...], read_only: bool
) -> None:
    with frozen.machine.small_disk(data, read_only=read_only) as disk:
        refused = run(frozen, data, words)
        written = [path.name for path in disk.rglob("*") if path.is_file() and path.stat().st_size]
    assert refused.code != 0
    assert "The data folder cannot be" in refused.output
    assert "Traceback" not in refused.output
    assert written == [FILLER]
    assert frozen.processes() == []


@PROGRAMS
def test_a_folder_that_does_not_exist_and_cannot_be_made_is_named(
    frozen: Frozen, data: Path, words: tuple[str, ...]
) -> None:
    (data / "a file").touch()
    refused = run(frozen, data / "a file" / "home", words)
    assert refused.code != 0
    assert "The data folder cannot be" in refused.output
