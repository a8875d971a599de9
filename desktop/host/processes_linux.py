"""Processes on Linux: process groups, and a parent-death signal that each child sets for itself."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

from desktop.host.processes import Child, Launch, PipedChild, StopHandler, kill_tree

PARENT_VARIABLE = "OPENTHREAT_PARENT"
_PR_SET_PDEATHSIG = 1
_NICE = 10


class LinuxChild(PipedChild):
    def __init__(self, launch: Launch) -> None:
        environment = {**launch.environment, PARENT_VARIABLE: str(os.getpid())}
        super().__init__(Launch(launch.command, environment, launch.folder), new_session=True)

    def wait(self) -> int:
        # The process is not reaped yet, so its id cannot be reused, and the signalled group is its own.
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

    def listen_for_stop(self, stop: StopHandler) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # started by nohup
                signal.signal(number, lambda given, _: stop(given == signal.SIGINT))


def die_with_parent() -> None:
    """End this process when its parent ends, or now if it has ended. The first call of a child.

    The child does this itself, since code between fork and exec can deadlock in a process with threads.
    """
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if not parent:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        os.kill(os.getpid(), signal.SIGKILL)


def lower_priority(pid: int) -> None:
    """Lower the CPU priority of a process and of its future children, so that the user does not notice its load.

    Nothing happens if the process has ended.
    """
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
        if os.getsid(pid) == pid:
            # With autogroups Linux divides CPU time by session first (sched(7)), and the nice value has no effect.
            with contextlib.suppress(OSError):  # without autogroups the nice value is enough
                Path(f"/proc/{pid}/autogroup").write_text(f"{_NICE}")


def this_python() -> tuple[str, dict[str, str]]:
    """Return the absolute path of the program that starts this Python, and the environment variables that it needs."""
    return sys.executable, {}
