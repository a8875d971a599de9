"""Linux: process groups, and a parent-death signal that every child sets for itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

from desktop.host.processes import Child, Launch, PipedChild, Stop, kill_tree

PARENT_VARIABLE = "OPENTHREAT_PARENT"
_PR_SET_PDEATHSIG = 1
_NICE = 10


class LinuxChild(PipedChild):
    def __init__(self, launch: Launch) -> None:
        environment = {**launch.environment, PARENT_VARIABLE: str(os.getpid())}
        super().__init__(Launch(launch.command, environment, launch.folder), new_session=True)

    def wait(self) -> int:
        # Not reaped yet, the process keeps its number, so the group that is signalled can only be its own.
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        self._kill_group()
        return self._process.wait()

    def kill(self) -> None:
        if self._process.returncode is None:
            kill_tree(self.pid)
            self._kill_group()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


class LinuxHost:
    def spawn(self, launch: Launch) -> Child:
        return LinuxChild(launch)

    def listen_for_stop(self, stop: Stop) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, lambda given, _: stop(given == signal.SIGINT))


def die_with_parent() -> None:
    """Called by a child first of all: it dies with its parent, and at once if that is gone already.

    The child does it itself, since code between fork and exec can block in a program with threads.
    """
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if not parent:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        os.kill(os.getpid(), signal.SIGKILL)


def lower_priority(pid: int) -> None:
    """The process gets what the others leave of the processors: who works at this PC should not notice it.

    What it starts afterwards is treated alike; that it has ended meanwhile is no obstacle.
    """
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
        if os.getsid(pid) == pid:
            # Linux shares by session first, see sched(7), and the process's own number would not count then.
            with contextlib.suppress(OSError):  # a system without it shares by process
                Path(f"/proc/{pid}/autogroup").write_text(f"{_NICE}")


def this_python() -> tuple[str, dict[str, str]]:
    """Which program starts this Python once more, as an absolute path, and what its environment needs."""
    return sys.executable, {}
