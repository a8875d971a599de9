"""One line when something goes away, one when it is back, silence in between."""

from __future__ import annotations

import logging


class Health:
    """What is known about one thing this process depends on, in the words for the log ("the database")."""

    def __init__(self, thing: str, log: logging.Logger) -> None:
        self._thing, self._log, self._well = thing, log, True

    def well(self) -> None:
        if not self._well:
            self._log.info("%s is back", self._thing)
        self._well = True

    def ill(self, error: Exception) -> None:
        if self._well:
            self._log.warning("%s is away, trying again until it is back: %s", self._thing, error)
        self._well = False
