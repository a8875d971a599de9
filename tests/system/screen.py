"""A virtual screen with a window manager, a tray and a mouse."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage

from tests.servers import needs, wait_until

LEFT, RIGHT = 1, 3
_ICON = (22, 22)
_CLOSE = (14, 11)  # with openbox's own theme
_GONE = (0, 0)  # of a window that was closed meanwhile
_PANEL = "--edge bottom --align right --widthtype pixel --width 200 --height 24 --SetDockType true"
_PICTURE = """
import sys
from PySide6.QtGui import QGuiApplication
application = QGuiApplication([])
application.primaryScreen().grabWindow(0).save(sys.argv[1])
"""


class Screen:
    def __init__(self) -> None:
        needs("Xvfb", "openbox", "trayer", "xdotool")
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
        self._processes = [subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)]
        os.close(writer)
        with os.fdopen(reader) as output:
            number = output.readline().strip()
        assert number, "Xvfb did not start"
        self.variables = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "DBUS_SESSION_BUS_ADDRESS": ""}
        self._environment = {**os.environ, **self.variables}
        self._start("openbox")
        # A window that is mapped before the window manager runs stays hidden.
        wait_until(lambda: self._do("get_num_desktops").strip() not in ("", "0"), "the window manager is there", 120)
        self.start_tray()

    def start_tray(self) -> None:
        self._start("trayer", *_PANEL.split())
        wait_until(lambda: bool(self._windows("trayer")), "the tray is there", 120)

    def has_icon(self) -> bool:
        return bool(self._windows("openthreat"))

    def has_notification(self) -> bool:
        """Whether a balloon stands beside the icon, while no window is open."""
        return any(self._size(window) not in (_ICON, _GONE) for window in self._windows("openthreat"))

    def click(self, place: tuple[int, int], button: int = LEFT) -> None:
        x, y = map(str, place)
        self._do("mousemove", "--sync", x, y, "click", str(button))

    def click_icon(self, button: int = LEFT) -> None:
        """In its middle, wherever the tray has put it."""
        [window] = [window for window in self._windows("openthreat") if self._size(window) == _ICON]
        place = self._geometry(window)
        self.click((place["X"] + _ICON[0] // 2, place["Y"] + _ICON[1] // 2), button)

    def icon(self, path: Path) -> QImage:
        """Return the icon as the screen shows it now. The picture of the screen is stored at `path`."""
        [window] = [window for window in self._windows("openthreat") if self._size(window) == _ICON]
        place = self._geometry(window)
        self.picture(path)
        return QImage(str(path)).copy(place["X"], place["Y"], *_ICON)

    def click_notification(self) -> None:
        """On the balloon that stands beside the icon, while no window is open."""
        [window] = [window for window in self._windows("openthreat") if self._size(window) != _ICON]
        place = self._geometry(window)
        self.click((place["X"] + place["WIDTH"] // 2, place["Y"] + place["HEIGHT"] // 2))

    def click_close(self, corner: tuple[int, int]) -> None:
        """On the button of a title bar. corner: the upper right one of the window below it."""
        self.click((corner[0] - _CLOSE[0], corner[1] - _CLOSE[1]))

    def press(self, keys: str) -> None:
        """Press keys, as "ctrl+3", once a window of the program has the focus; keys pressed before that are lost."""
        wait_until(self._has_focus, "a window of the program has the focus")
        self._do("key", keys)

    def close_menu(self) -> None:
        """With the keyboard, which an open menu has, whichever window has the focus."""
        self._do("key", "Escape")

    def picture(self, path: Path) -> None:
        subprocess.run([sys.executable, "-c", _PICTURE, str(path)], env=self._environment, timeout=30, check=True)

    def close(self) -> None:
        for process in reversed(self._processes):
            process.kill()
            process.wait()

    def _has_focus(self) -> bool:
        """Whether keys go to a window of the program, which a new one gets only from the window manager."""
        return self._do("getactivewindow").strip() in self._windows("openthreat")

    def _start(self, *command: str) -> None:
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, env=self._environment, stdout=quiet, stderr=quiet))

    def _size(self, window: str) -> tuple[int, int]:
        place = self._geometry(window)
        return place.get("WIDTH", 0), place.get("HEIGHT", 0)

    def _geometry(self, window: str) -> dict[str, int]:
        output = self._do("getwindowgeometry", "--shell", window)
        return {name: int(value) for name, _, value in (line.partition("=") for line in output.split())}

    def _windows(self, of_class: str) -> list[str]:
        return self._do("search", "--onlyvisible", "--class", of_class).split()

    def _do(self, *words: str) -> str:
        """Run xdotool. Its exit code only shows whether a search found something."""
        done = subprocess.run(["xdotool", *words], env=self._environment, capture_output=True, text=True, timeout=20)
        return done.stdout
