"""The supervised services of one stack (a session), and the thread that runs one session after another.

Terminal (`openthreat up`) and tray use the same two classes; their methods may be called from any thread.
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

_MONITOR_STOP_S = 0.2


class SupervisedSession:
    def __init__(self, supervisor: Supervisor, post: Post, monitors: Sequence[MonitorThread]) -> None:
        self._supervisor, self._post, self._monitors = supervisor, post, monitors

    @property
    def state(self) -> Supervision:
        return self._supervisor.state

    def start(self, service: str | None = None) -> None:
        """Start one service, or all of them for None."""
        self._post(StartRequested(service))

    def stop(self, service: str) -> None:
        self._post(StopRequested(service))

    def restart(self, service: str) -> None:
        self._post(RestartRequested(service))

    def close(self, *, at_once: bool = False) -> None:
        """End all services in order, or kill them at once."""
        self._post(CloseRequested(again=at_once))

    def run(self) -> Supervision:
        """Start all services and return when the last one has ended.

        The calling thread starts all children, so it has to live as long as the program.
        """
        for monitor in self._monitors:
            monitor.start()
        self.start()
        try:
            return self._supervisor.run()
        finally:
            for monitor in self._monitors:
                monitor.stop(_MONITOR_STOP_S)

    def status(self) -> Reply:
        return {"services": [_service_document(state) for state in self.state.services]}

    def quit(self) -> Reply:
        self.close()
        return {"closing": True}


def _service_document(state: ServiceState) -> JsonValue:
    """`for_s`: seconds since the phase began."""
    return {
        "name": state.name,
        "phase": state.phase,
        "for_s": round(time.monotonic() - state.since),
        "pid": state.pid,
        "restarts": state.restarts,
        "problem": described(state.reported_problem) if state.reported_problem else None,
    }


Compose = Callable[[UserSettings], SupervisedSession]
"""Raises OpenThreatError for settings with which no service can run."""


class SupervisorThread:
    """Runs sessions one after another: a change of stack ends the running session and starts the next.

    Args:
        compose: Makes the session for the given settings.
        on_refused: Called with the reason when no session can be made.
        on_ended: Called by this thread when the last session has ended.
    """

    def __init__(self, compose: Compose, on_refused: Callable[[Problem], None], on_ended: Callable[[], None]) -> None:
        self._compose, self._on_refused, self._on_ended = compose, on_refused, on_ended
        self._requests: SimpleQueue[UserSettings | None] = SimpleQueue()
        self._session: SupervisedSession | None = None
        self._lock = threading.Lock()
        # Not a daemon thread: its abrupt end would kill all children.
        self._thread = threading.Thread(target=self._work, name="supervisor")

    @property
    def session(self) -> SupervisedSession | None:
        """The running session; None before the first and after the last."""
        return self._session

    def start(self) -> None:
        self._thread.start()

    def run(self, settings: UserSettings) -> None:
        """Run a session with these settings, after ending the running one, if any."""
        self._request(settings)

    def close(self, *, at_once: bool = False) -> None:
        """End the running session in order, or kill its services at once, and then the thread."""
        self._request(None, at_once=at_once)

    def join(self, timeout_s: float) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _request(self, settings: UserSettings | None, *, at_once: bool = False) -> None:
        with self._lock:
            self._requests.put(settings)
            if self._session is not None:
                self._session.close(at_once=at_once)

    def _work(self) -> None:
        while (settings := self._requests.get()) is not None:
            if (session := self._composed(settings)) is not None:
                session.run()
                self._session = None
        self._on_ended()

    def _composed(self, settings: UserSettings) -> SupervisedSession | None:
        try:
            session = self._compose(settings)
        except OpenThreatError as error:
            self._on_refused(error.problem)
            return None
        with self._lock:
            self._session = session
            if not self._requests.empty():  # another request arrived meanwhile
                session.close()
        return session
