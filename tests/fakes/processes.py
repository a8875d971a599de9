"""Fake child processes, which behave as the last argument of their command describes, as `child_program.py` does."""

from __future__ import annotations

import io
import itertools
import threading
from pathlib import Path
from typing import BinaryIO

from desktop.host import Launch

KILLED = -9
OUTPUT = {"talks": b"first\nsecond\n"}
ENDS_WITH = {"talks": 0, "crashes": 7}


class FakeChild:
    def __init__(self, pid: int, behaviour: str) -> None:
        self._pid, self._behaviour = pid, behaviour
        self._output = io.BytesIO(OUTPUT.get(behaviour, b""))
        self._ended = threading.Event()
        self._code = 0
        if behaviour in ENDS_WITH:
            self._end(ENDS_WITH[behaviour])

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def output(self) -> BinaryIO:
        return self._output

    def wait(self) -> int:
        self._ended.wait()
        return self._code

    def request_stop(self) -> None:
        if self._behaviour != "ignores":
            self._end(0)

    def kill(self) -> None:
        self._end(KILLED)

    def _end(self, code: int) -> None:
        if not self._ended.is_set():
            self._code = code
            self._ended.set()


class FakeSpawner:
    def __init__(self) -> None:
        self._pids = itertools.count(100)
        self.children: list[FakeChild] = []

    def spawn(self, launch: Launch) -> FakeChild:
        program = Path(launch.command[0])
        if not program.is_absolute():
            raise ValueError(f"not an absolute path: {program}")
        if not program.exists():
            raise FileNotFoundError(str(program))
        child = FakeChild(next(self._pids), launch.command[-1])
        self.children.append(child)
        return child
