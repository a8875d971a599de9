"""Looking whether the network is up, without waiting for the answer: names alone may take half a minute to resolve."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread


class BackgroundLook:
    """Called again and again by one thread: each call says what is known by now, and has somebody look again.

    look: answers whether the network is up, in its own time. Once it was, the next call begins anew.
    """

    def __init__(self, look: Callable[[], bool]) -> None:
        self._look, self._up = look, Event()
        self._looking: Thread | None = None

    def __call__(self) -> bool:
        if self._up.is_set():
            self._up.clear()
            return True
        if self._looking is None or not self._looking.is_alive():
            self._looking = Thread(target=self._run, name="network-look", daemon=True)
            self._looking.start()
        return False

    def _run(self) -> None:
        if self._look():
            self._up.set()
