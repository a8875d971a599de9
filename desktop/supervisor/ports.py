"""What the supervisor is given from outside, so that it can be run without processes, time and chance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Protocol

from desktop.model.events import Event
from desktop.model.services import Supervision
from desktop.model.sleep import Reading

Post = Callable[[Event], None]
Look = Callable[[Supervision], Iterable[Event]]
"""Looks at something that may block, as the state asks for it, and tells what it saw."""
Watch = Callable[[Supervision, Supervision], None]
"""Is told of every change, before and after, in the supervisor's own thread: must not block."""


class Clock(Protocol):
    def read(self) -> Reading: ...


class SystemClock:
    def read(self) -> Reading:
        return Reading(time.monotonic(), time.time())


class Inbox(Protocol):
    def post(self, event: Event) -> None: ...

    def take(self, timeout_s: float) -> Event | None: ...


class ThreadInbox:
    """Any thread posts, and so may a signal handler: of the standard library's queues only this one allows that."""

    def __init__(self) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()

    def post(self, event: Event) -> None:
        self._events.put(event)

    def take(self, timeout_s: float) -> Event | None:
        try:
            return self._events.get(timeout=timeout_s)
        except Empty:
            return None
