"""Goes round and looks, in a thread of its own, at what may take its time to answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop.model.services import Supervision
from desktop.supervisor.ports import Look, Post


class Patrol:
    """state: the latest supervision; pace: seconds from one look to the next, unless something changes meanwhile."""

    def __init__(
        self,
        name: str,
        look: Look,
        state: Callable[[], Supervision],
        post: Post,
        pace: Callable[[Supervision], float],
    ) -> None:
        self._look, self._state, self._post, self._pace = look, state, post, pace
        self._over, self._due = False, threading.Event()
        self._thread = threading.Thread(target=self._round, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def changed(self, before: Supervision, after: Supervision) -> None:
        """A watch of the supervisor: there is something new to look at."""
        if before.phases != after.phases:
            self._due.set()

    def stop(self, timeout_s: float) -> None:
        """Waits no longer than this: a look that hangs ends with the program."""
        self._over = True
        self._due.set()
        self._thread.join(timeout_s)

    def _round(self) -> None:
        while not self._over:
            state = self._state()
            for event in self._look(state):
                if self._over:
                    return  # nobody reads it any more, or somebody whom it does not concern
                self._post(event)
            self._due.wait(self._pace(state))
            self._due.clear()
