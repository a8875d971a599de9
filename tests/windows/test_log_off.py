"""At the end of the Windows session all services stop regularly, and no process is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import wait_until
from tests.windows.frozen import WINDOWED, Frozen

pytestmark = pytest.mark.full

_LOG_OFF = r"""
import ctypes, sys
from ctypes import wintypes as w
user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
kernel.OpenProcess.restype, kernel.OpenProcess.argtypes = w.HANDLE, (w.DWORD, w.BOOL, w.DWORD)
kernel.QueryFullProcessImageNameW.argtypes = (w.HANDLE, w.DWORD, w.LPWSTR, ctypes.POINTER(w.DWORD))
user.SendMessageTimeoutW.argtypes = (w.HWND, w.UINT, w.WPARAM, w.LPARAM, w.UINT, w.UINT, ctypes.c_void_p)
windows = []
def note(window, _):
    pid, name, length = w.DWORD(), ctypes.create_unicode_buffer(2000), w.DWORD(2000)
    user.GetWindowThreadProcessId(window, ctypes.byref(pid))
    process = kernel.OpenProcess(0x1000, False, pid.value)
    kernel.QueryFullProcessImageNameW(process, 0, name, ctypes.byref(length))
    if name.value.lower() == sys.argv[1].lower():
        windows.append(window)
    return True
user.EnumWindows(ctypes.WINFUNCTYPE(w.BOOL, w.HWND, w.LPARAM)(note), 0)
for message, agreed in ((0x11, 0), (0x16, 1)):  # WM_QUERYENDSESSION, WM_ENDSESSION
    for window in windows:
        user.SendMessageTimeoutW(window, message, agreed, 0x80000000 if message == 0x16 else 0, 2, 5000, None)
print(len(windows))
"""


def test_the_end_of_the_session_ends_the_services_in_order(frozen: Frozen, data: Path) -> None:
    tray = frozen.running(data, WINDOWED, "tray", "--hidden")
    tray.all_run()
    ended = frozen.machine.run(frozen.machine.python, "-c", _LOG_OFF, frozen.program(WINDOWED), folder=data)
    assert int(ended.output) > 0, ended.output
    tray.ends()
    wait_until(lambda: frozen.processes() == [], "nothing of it is left")
    log = (data / "logs" / "supervisor.log").read_text(encoding="utf-8")
    assert "API: stopped" in log, log
    assert log.rstrip().endswith("Stopped"), log
