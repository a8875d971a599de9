"""Samples CPU and memory of the services' processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from desktop.state.app_state import Usage

_TREE_S = 30.0  # finding descendants means listing all processes, so it is done seldom


@dataclass(frozen=True)
class _CpuSample:
    """CPU seconds that each process had used at `at` (monotonic clock)."""

    at: float
    cpu_s: dict[psutil.Process, float]


@dataclass(frozen=True)
class _ProcessTree:
    at: float
    members: tuple[psutil.Process, ...]


class ResourceSampler:
    """Keeps the last sample of each process: a percentage needs two. Used by one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: dict[int, _CpuSample] = {}
        self._trees: dict[int, _ProcessTree] = {}

    def usage_of(self, pid: int) -> Usage | None:
        """Return the use by a process and its descendants since the last call; None if it ended or may not be read."""
        now = self._clock()
        try:
            members = self._members(pid, now)
        except psutil.Error:
            self._last.pop(pid, None)
            self._trees.pop(pid, None)
            return None
        cpu_s, memory = dict[psutil.Process, float](), 0
        for member in members:
            with suppress(psutil.Error), member.oneshot():
                times = member.cpu_times()
                memory += member.memory_info().rss
                cpu_s[member] = times.user + times.system
        before, self._last[pid] = self._last.get(pid), _CpuSample(now, cpu_s)
        return Usage(_percent(before, self._last[pid]), memory)

    def _members(self, pid: int, now: float) -> tuple[psutil.Process, ...]:
        """Raises psutil.Error where the process has ended, or its id belongs to another process."""
        known = self._trees.get(pid)
        if known and now - known.at < _TREE_S and known.members[0].is_running():
            return known.members
        root = psutil.Process(pid)
        if root.status() == psutil.STATUS_ZOMBIE:
            raise psutil.NoSuchProcess(pid)
        self._trees[pid] = _ProcessTree(now, (root, *root.children(recursive=True)))
        return self._trees[pid].members


def _percent(before: _CpuSample | None, now: _CpuSample) -> float:
    if before is None or now.at <= before.at:
        return 0.0
    used_s = sum(max(0.0, s - before.cpu_s[member]) for member, s in now.cpu_s.items() if member in before.cpu_s)
    return 100.0 * used_s / (now.at - before.at)
