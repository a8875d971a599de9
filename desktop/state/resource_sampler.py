"""What the services use of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from desktop.state.app_state import Usage

_FAMILY_S = 30.0  # who belongs to a family is found by looking at every process there is: seldom


@dataclass(frozen=True)
class _Reading:
    """at: of the steady clock; spent: processor seconds of each member so far."""

    at: float
    spent: dict[psutil.Process, float]


@dataclass(frozen=True)
class _Family:
    at: float
    members: tuple[psutil.Process, ...]


class ResourceSampler:
    """Remembers the last reading of each process, since a percentage is over a time. Used by one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[int, _Reading] = {}
        self._families: dict[int, _Family] = {}

    def usage_of(self, pid: int) -> Usage | None:
        """Of the process and its descendants, since the last call for it; None: it is gone, or we may not look."""
        now = self._clock()
        try:
            members = self._members(pid, now)
        except psutil.Error:
            self._last.pop(pid, None)
            self._families.pop(pid, None)
            return None
        spent, memory = dict[psutil.Process, float](), 0
        for member in members:
            with suppress(psutil.Error), member.oneshot():
                times = member.cpu_times()
                memory += member.memory_info().rss
                spent[member] = times.user + times.system
        before, self._last[pid] = self._last.get(pid), _Reading(now, spent)
        return Usage(_percent(before, self._last[pid]), memory)

    def _members(self, pid: int, now: float) -> tuple[psutil.Process, ...]:
        """Raises psutil.Error where the process is gone, or another one has its number."""
        known = self._families.get(pid)
        if known and now - known.at < _FAMILY_S and known.members[0].is_running():
            return known.members
        root = psutil.Process(pid)
        if root.status() == psutil.STATUS_ZOMBIE:
            raise psutil.NoSuchProcess(pid)
        self._families[pid] = _Family(now, (root, *root.children(recursive=True)))
        return self._families[pid].members


def _percent(before: _Reading | None, now: _Reading) -> float:
    if before is None or now.at <= before.at:
        return 0.0
    spent = sum(max(0.0, s - before.spent[member]) for member, s in now.spent.items() if member in before.spent)
    return 100.0 * spent / (now.at - before.at)
