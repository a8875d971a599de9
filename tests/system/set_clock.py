"""The wall clock of child processes, set by a test by means of tests/fakes/set_clock."""

from __future__ import annotations

import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tests.fakes


class SetClock:
    """The wall clock and time zone of all processes with its variables; correct until it is set."""

    def __init__(self, path: Path, zone: str = "UTC") -> None:
        self._path, self._zone = path, zone
        self._path.write_bytes(bytes(8))

    @property
    def variables(self) -> dict[str, str]:
        seam = Path(tests.fakes.__file__).parent / "set_clock"
        return {"PYTHONPATH": str(seam), "OPENTHREAT_TEST_CLOCK": str(self._path), "TZ": self._zone}

    def set_to(self, moment: datetime) -> None:
        with self._path.open("r+b") as file:
            file.write(struct.pack("d", moment.timestamp() - time.time()))

    def jumps(self, span: timedelta) -> None:
        self.set_to(self.now() + span)

    def now(self) -> datetime:
        [ahead] = struct.unpack("d", self._path.read_bytes())
        return datetime.fromtimestamp(time.time() + ahead, UTC)
