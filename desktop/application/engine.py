"""Runs the services of one stack after another, in a thread that lives as long as the program: a change of stack ends
the services of the old one, and then brings up those of the new one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from backend.contract.errors import DesktopError
from backend.contract.problems import Trouble
from backend.contract.settings import UserSettings
from desktop.application.program import Program

Compose = Callable[[UserSettings], Program]
"""Raises DesktopError for settings with which nothing can run."""


class Engine:
    """Its methods may be called from any thread. ended: called by the engine's own thread, when nothing runs any more.

    refused: told why nothing can run with the settings.
    """

    def __init__(self, compose: Compose, refused: Callable[[Trouble], None], ended: Callable[[], None]) -> None:
        self._compose, self._refused, self._ended = compose, refused, ended
        self._orders: SimpleQueue[UserSettings | None] = SimpleQueue()
        self._program: Program | None = None
        self._lock = threading.Lock()
        # No daemon: a daemon's sudden end would be the sudden end of all children.
        self._thread = threading.Thread(target=self._work, name="engine")

    @property
    def program(self) -> Program | None:
        """The one that runs; None before the first and after the last one."""
        return self._program

    def start(self) -> None:
        self._thread.start()

    def run(self, settings: UserSettings) -> None:
        """In place of what runs, if anything does."""
        self._order(settings)

    def close(self, *, at_once: bool = False) -> None:
        """at_once: without waiting for anybody."""
        self._order(None, at_once=at_once)

    def join(self, timeout_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _order(self, settings: UserSettings | None, *, at_once: bool = False) -> None:
        with self._lock:
            self._orders.put(settings)
            if self._program is not None:
                self._program.close(at_once=at_once)

    def _work(self) -> None:
        while (settings := self._orders.get()) is not None:
            if (program := self._composed(settings)) is not None:
                program.run()
                self._program = None
        self._ended()

    def _composed(self, settings: UserSettings) -> Program | None:
        try:
            program = self._compose(settings)
        except DesktopError as error:
            self._refused(error.trouble)
            return None
        with self._lock:
            self._program = program
            if not self._orders.empty():  # something else was asked for meanwhile
                program.close()
        return program
