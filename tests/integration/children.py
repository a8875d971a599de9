"""Starts `child_program.py` for tests, and checks which of its processes are left."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from desktop.host import Launch, this_python

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "fakes" / "child_program.py"


def launch(behaviour: str) -> Launch:
    python, variables = this_python()
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    return Launch([python, str(PROGRAM), behaviour], environment, ROOT)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
