"""Processes on Windows: each child runs in its own job object, which kills all of it when this process ends.

This process holds the only handle of the job, and Windows closes it. The API functions are looked up at run time, so
that this module can be imported and checked on every platform.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import threading
from ctypes import wintypes
from pathlib import Path

import psutil

from desktop.host.processes import Child, Launch, PipedChild, StopHandler, kill_tree

_CREATE_SUSPENDED = 0x00000004
_CREATE_NEW_PROCESS_GROUP = 0x00000200
_CREATE_NO_WINDOW = 0x08000000
_BELOW_NORMAL_PRIORITY_CLASS = 0x00004000
_JOB_OBJECT_EXTENDED_LIMIT_INFORMATION = 9
_JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x00002000
_PROCESS_TERMINATE = 0x0001
_PROCESS_SET_QUOTA = 0x0100
_CTRL_CLOSE_EVENT = 2  # and higher events: logoff and shutdown
_CLOSE_GRACE_S = 4.5  # Windows waits 5 s


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION, in types of the same size on every platform."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_ulonglong * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


class Job:
    """A job object; its processes are killed by `end`, or when this process ends."""

    def __init__(self) -> None:
        self._kernel = _kernel()
        self._handle = self._checked(self._kernel.CreateJobObjectW(None, None))
        limits = ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = _JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        self._checked(
            self._kernel.SetInformationJobObject(
                self._handle, _JOB_OBJECT_EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
            )
        )

    def assign(self, pid: int) -> None:
        """Add a process.

        Raises:
            OSError: Windows refuses.
        """
        process = self._checked(self._kernel.OpenProcess(_PROCESS_TERMINATE | _PROCESS_SET_QUOTA, False, pid))
        try:
            self._checked(self._kernel.AssignProcessToJobObject(self._handle, process))
        finally:
            self._kernel.CloseHandle(process)

    def end(self) -> None:
        self._kernel.TerminateJobObject(self._handle, 1)

    def close(self) -> None:
        self._kernel.CloseHandle(self._handle)

    def _checked(self, result: int | None) -> int:
        if not result:
            raise OSError(f"a Windows call for the job object failed with error {self._kernel.GetLastError()}")
        return result


def _kernel() -> ctypes.CDLL:
    """Load kernel32; 64-bit Windows has a single calling convention, so CDLL is right."""
    kernel = ctypes.CDLL("kernel32")
    handle, dword, flag, pointer = wintypes.HANDLE, wintypes.DWORD, wintypes.BOOL, ctypes.c_void_p
    for name, result, arguments in (
        ("CreateJobObjectW", handle, (pointer, wintypes.LPCWSTR)),
        ("SetInformationJobObject", flag, (handle, ctypes.c_int, pointer, dword)),
        ("OpenProcess", handle, (dword, flag, dword)),
        ("AssignProcessToJobObject", flag, (handle, handle)),
        ("TerminateJobObject", flag, (handle, wintypes.UINT)),
        ("CloseHandle", flag, (handle,)),
        ("GetLastError", dword, ()),
    ):
        function = getattr(kernel, name)
        function.restype, function.argtypes = result, arguments
    return kernel


class WindowsChild(PipedChild):
    def __init__(self, launch: Launch) -> None:
        self._job = Job()
        super().__init__(launch, flags=_CREATE_SUSPENDED | _CREATE_NEW_PROCESS_GROUP | _CREATE_NO_WINDOW)
        try:
            self._job.assign(self.pid)
            psutil.Process(self.pid).resume()  # it was suspended, so no instruction ran outside the job
        except (OSError, psutil.Error) as error:
            self._process.kill()
            self._job.close()
            raise OSError(f"a new process could not be added to its job: {error}") from error

    def wait(self) -> int:
        code = self._process.wait()
        self._job.end()
        self._job.close()
        return code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._job.end()
            kill_tree(self.pid)


class WindowsHost:
    def __init__(self) -> None:
        self._console: object = None  # called by Windows, so it must not be garbage collected

    def spawn(self, launch: Launch) -> Child:
        return WindowsChild(launch)

    def listen_for_stop(self, stop: StopHandler) -> None:
        for name in ("SIGINT", "SIGBREAK", "SIGTERM"):
            signal.signal(signal.Signals[name], lambda given, _: stop(given == signal.SIGINT))
        self._console = ctypes.CFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(lambda event: _closing(event, stop))
        ctypes.CDLL("kernel32").SetConsoleCtrlHandler(self._console, True)


def _closing(event: int, stop: StopHandler) -> bool:
    """Console handler: runs in a thread of Windows, which ends the process when it returns."""
    if event < _CTRL_CLOSE_EVENT:
        return False
    stop(False)
    threading.Event().wait(_CLOSE_GRACE_S)
    return True


def die_with_parent() -> None:
    """Nothing to do: the job object of the child ends it."""


def lower_priority(pid: int) -> None:
    """Lower the CPU priority of a process and of its future children, so that the user does not notice its load.

    Nothing happens if the process has ended.
    """
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).nice(_BELOW_NORMAL_PRIORITY_CLASS)


def this_python() -> tuple[str, dict[str, str]]:
    """Return the absolute path of the program that starts this Python, and the environment variables that it needs.

    The `python.exe` of a virtual environment is a launcher that starts another process with another id. As in
    multiprocessing, the base interpreter is started directly, with the launcher's path in its environment.
    """
    base = Path(getattr(sys, "_base_executable", sys.executable))
    if base == Path(sys.executable):
        return sys.executable, {}
    return str(base), {"__PYVENV_LAUNCHER__": sys.executable}
