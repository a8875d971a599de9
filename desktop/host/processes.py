"""What is known of processes: whether they live, and how to end all that one has started."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import psutil

_NICE = 10
_GROUP = Path("/proc/self/autogroup")


def process_lives(pid: int) -> bool:
    """Whether there is such a process, and not only its remains."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def give_way() -> None:
    """This process gets what the others leave of the processors: who works at this PC should not notice it."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    os.nice(_NICE)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # a system without it shares by process
            _GROUP.write_text(
                f"{_NICE}"
            )  # Linux shares by session first, see sched(7): the process's own would not count


def kill_tree(pid: int) -> None:
    """The process and all its descendants; who was born or died meanwhile is no obstacle."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        family = [*root.children(recursive=True), root]
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
