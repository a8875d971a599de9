"""A data folder that cannot be used: said at once, and nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import free_port
from tests.windows.frozen import CONSOLE, NOWHERE, WINDOWED, Frozen
from tests.windows.machine import Ended

PROGRAMS = pytest.mark.parametrize("words", [(CONSOLE, "up"), (WINDOWED, "tray")], ids=["up", "tray"])


def run(frozen: Frozen, data: Path, words: tuple[str, ...]) -> Ended:
    name, *rest = words
    variables = {**NOWHERE, "OPENTHREAT_STACK": "embedded", "OPENTHREAT_API_PORT": str(free_port())}
    return frozen.machine.run(
        frozen.program(name), *rest, timeout=60, OPENTHREAT_HOME=frozen.machine.seen(data), **variables
    )


@PROGRAMS
def test_a_read_only_disk_is_named(frozen: Frozen, data: Path, words: tuple[str, ...]) -> None:
    with frozen.machine.small_disk(data, read_only=True):
        refused = run(frozen, data, words)
    assert refused.code != 0
    assert "The data folder cannot be" in refused.said


@PROGRAMS
def test_a_full_disk_is_named(frozen: Frozen, data: Path, words: tuple[str, ...]) -> None:
    with frozen.machine.small_disk(data, read_only=False):
        refused = run(frozen, data, words)
    assert refused.code != 0
    assert "The data folder cannot be" in refused.said
    assert "Traceback" not in refused.said


@PROGRAMS
def test_a_folder_that_does_not_exist_and_cannot_be_made_is_named(
    frozen: Frozen, data: Path, words: tuple[str, ...]
) -> None:
    (data / "a file").touch()
    refused = run(frozen, data / "a file" / "home", words)
    assert refused.code != 0
    assert "The data folder cannot be" in refused.said
