"""A wall clock that tests set, for whole processes: Python runs this at the start of each that has this folder on its
PYTHONPATH, before any module of ours. Steady clocks stay true, as they do when a machine sleeps or its time is set.

(libfaketime does the same for every program, but its version in Debian 12 breaks Python's time.sleep.)
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import os
import struct
import time
from datetime import datetime, tzinfo
from pathlib import Path


def follow(path: Path) -> None:
    """Read the offset of the wall clock in seconds from a file with one double."""
    with path.open("rb") as file:
        ahead = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    true_time = time.time

    def set_time() -> float:
        return float(true_time() + struct.unpack("d", ahead[:8])[0])

    def now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
        return cls.fromtimestamp(set_time(), tz)

    time.time = set_time
    time.time_ns = lambda: round(set_time() * 1e9)
    [methods] = gc.get_referents(datetime.__dict__)  # a built-in type does not allow to set them directly
    methods["now"] = classmethod(now)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))


if "OPENTHREAT_TEST_CLOCK" in os.environ:
    follow(Path(os.environ["OPENTHREAT_TEST_CLOCK"]))
