"""The running program without a face: what can be asked of it, and its way from start to end.

The terminal (`openthreat up`) and the tray are two faces of it: they watch, and call these methods from any thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from pydantic import JsonValue

from desktop.instance.control import Reply
from desktop.model.events import CloseRequested, RestartRequested, StartRequested, StopRequested
from desktop.model.services import ServiceState, Supervision
from desktop.supervisor.loop import Supervisor
from desktop.supervisor.patrol import Patrol
from desktop.supervisor.ports import Post

_LAST_LOOK_S = 0.2


class Program:
    def __init__(self, supervisor: Supervisor, post: Post, patrols: Sequence[Patrol]) -> None:
        self._supervisor, self._post, self._patrols = supervisor, post, patrols

    @property
    def state(self) -> Supervision:
        return self._supervisor.state

    def start(self, service: str | None = None) -> None:
        """None: all of them."""
        self._post(StartRequested(service))

    def stop(self, service: str) -> None:
        self._post(StopRequested(service))

    def restart(self, service: str) -> None:
        self._post(RestartRequested(service))

    def close(self, *, at_once: bool = False) -> None:
        """Ends everything, in order; at_once: without waiting for anybody."""
        self._post(CloseRequested(again=at_once))

    def run(self) -> Supervision:
        """From the first service's start to the last one's end.

        The calling thread starts all children, so it has to live as long as the program.
        """
        for patrol in self._patrols:
            patrol.start()
        self.start()
        try:
            return self._supervisor.run()
        finally:
            for patrol in self._patrols:
                patrol.stop(_LAST_LOOK_S)

    def status(self) -> Reply:
        return {"services": [_described(one) for one in self.state.services]}

    def quit(self) -> Reply:
        self.close()
        return {"closing": True}


def _described(one: ServiceState) -> JsonValue:
    """for_s: how long it has been in its phase."""
    return {
        "name": one.name,
        "phase": one.phase,
        "for_s": round(time.monotonic() - one.since),
        "pid": one.pid,
        "restarts": one.restarts,
        "trouble": dict(vars(one.trouble)) if one.trouble else None,
    }
