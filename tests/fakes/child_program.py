"""A child process that behaves as its last argument describes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from desktop.host import die_with_parent

FOREVER_S = 600.0


def until_stopped() -> None:
    for line in sys.stdin:
        if line.strip() == "stop":
            return


def ignore_everything() -> None:
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    print("deaf", flush=True)
    time.sleep(FOREVER_S)


def grandchild() -> None:
    """Print the pid first, and keep all inherited handles open."""
    child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({FOREVER_S})"])
    print(child.pid, flush=True)


def flood() -> None:
    for _ in range(1024):
        os.write(1, b"all work and no play makes a dull child\n" * (1024 * 1024 // 40))


def crash_aloud() -> None:
    for number in range(30):
        print(f"line {number}, the key is {os.environ.get('NVD_API_KEY')}")
    sys.exit(7)


def flood_for_ever() -> None:
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    while True:
        os.write(1, b"nobody tells me when to stop, and nobody ever will\n" * 20_000)


def never_end_a_line() -> None:
    for _ in range(64):
        os.write(1, b"x" * 1024 * 1024)
    os.write(1, b"\nafter it\n")


BEHAVIOURS: dict[str, list[Callable[[], object]]] = {
    "obeys": [until_stopped],
    "ignores": [ignore_everything],
    "talks": [lambda: print("first\nsecond", flush=True)],
    "crashes": [lambda: sys.exit(7)],
    "crashes aloud": [crash_aloud],
    "floods": [flood],
    "is beyond control": [grandchild, flood_for_ever],
    "never ends a line": [never_end_a_line],
    "has a family": [grandchild, until_stopped],
    "has a family and ignores": [grandchild, ignore_everything],
    "leaves an orphan": [grandchild],
}

if __name__ == "__main__":
    die_with_parent()
    for act in BEHAVIOURS[sys.argv[-1]]:
        act()
