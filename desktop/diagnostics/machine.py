"""Facts about the machine for the diagnostic report."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.contract.version import VERSION
from backend.system.time_zone import zone_in_words


@dataclass(frozen=True)
class MachineFacts:
    """Sizes are in bytes.

    Attributes:
        packaged: Whether the program was installed by the installer, not run from source.
        python: The running Python version.
    """

    version: str
    packaged: bool
    python: str
    system: str
    processors: int
    memory: int
    free_memory: int
    home: str
    disk: int
    free_disk: int
    time_zone: str


def this_machine(home: Path) -> MachineFacts:
    """Collect the facts. May block on a slow disk.

    Raises:
        OSError: The data folder cannot be read.
    """
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(home))
    return MachineFacts(
        version=VERSION,
        packaged=bool(getattr(sys, "frozen", False)),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} ({platform.machine()})",
        processors=os.cpu_count() or 1,
        memory=memory.total,
        free_memory=memory.available,
        home=str(home),
        disk=disk.total,
        free_disk=disk.free,
        time_zone=zone_in_words(),
    )
