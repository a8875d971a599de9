"""The running program without a face: what can be asked of it, and its way from start to end.

The terminal (`openthreat up`) and the tray are two faces of it: they watch, and call these methods from any thread.

Runs the services of one stack after another, in a thread that lives as long as the program: a change of stack ends
the services of the old one, and then brings up those of the new one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

from pydantic import JsonValue

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem, described
from backend.contract.settings import UserSettings
from desktop.instance.control import Reply
from desktop.supervision.events import CloseRequested, RestartRequested, StartRequested, StopRequested
from desktop.supervision.monitors import MonitorThread
from desktop.supervision.services import ServiceState, Supervision
from desktop.supervision.supervisor import Post, Supervisor

_LAST_LOOK_S = 0.2


class SupervisedSession:
    def __init__(self, supervisor: Supervisor, post: Post, patrols: Sequence[MonitorThread]) -> None:
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
        "problem": described(one.problem) if one.problem else None,
    }


Compose = Callable[[UserSettings], SupervisedSession]
"""Raises OpenThreatError for settings with which nothing can run."""


class SupervisorThread:
    """Its methods may be called from any thread. ended: called by the engine's own thread, when nothing runs any more.

    refused: told why nothing can run with the settings.
    """

    def __init__(self, compose: Compose, refused: Callable[[Problem], None], ended: Callable[[], None]) -> None:
        self._compose, self._refused, self._ended = compose, refused, ended
        self._orders: SimpleQueue[UserSettings | None] = SimpleQueue()
        self._program: SupervisedSession | None = None
        self._lock = threading.Lock()
        # No daemon: a daemon's sudden end would be the sudden end of all children.
        self._thread = threading.Thread(target=self._work, name="engine")

    @property
    def program(self) -> SupervisedSession | None:
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

    def _composed(self, settings: UserSettings) -> SupervisedSession | None:
        try:
            program = self._compose(settings)
        except OpenThreatError as error:
            self._refused(error.problem)
            return None
        with self._lock:
            self._program = program
            if not self._orders.empty():  # something else was asked for meanwhile
                program.close()
        return program
