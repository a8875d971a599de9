"""Measure a running program: `python -m tests.benchmarks idle --pid N [--seconds 120]`. Linux only (PSS).

Processor time of the process and its descendants over that time, for each process and in total, with the number of
wake-ups and the memory of each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SECONDS = 120.0
_NAME = 44
_ROLES = ("desktop", "openthreat")


@dataclass(frozen=True)
class Reading:
    """`spent`: seconds of processor time so far; `woken`: number of wake-ups of its threads."""

    at: float
    spent: float
    woken: int


@dataclass(frozen=True)
class Cost:
    """`share`: part of one core; `wakes`: per second; `memory`: PSS in bytes."""

    name: str
    share: float
    wakes: float
    memory: int


def costs(roots: Sequence[int], seconds: float) -> Sequence[Cost]:
    """Measure the processes with these pids and their descendants, except those that start or end meanwhile."""
    family = [process for root in roots for process in _family(root)]
    before = {process: _reading(process) for process in family}
    time.sleep(seconds)
    found = []
    for process in family:
        with suppress(psutil.Error, OSError):
            found.append(_cost(process, before[process]))
    return found


def report(title: str, roots: Sequence[int], seconds: float = SECONDS) -> None:
    found = costs(roots, seconds)
    print(f"{title}, over {seconds:.0f} s:")
    print(f"{'of one core':>13}{'wakes a s':>11}{'PSS MiB':>9}")
    for cost in (*sorted(found, key=lambda cost: -cost.share), _sum(found)):
        print(f"{cost.share:>13.2%}{cost.wakes:>11.1f}{cost.memory / 2**20:>9.1f}  {cost.name}")
    sys.stdout.flush()


def _sum(found: Sequence[Cost]) -> Cost:
    share, cores = sum(cost.share for cost in found), psutil.cpu_count() or 1
    name = f"together: {share / cores:.2%} of this machine's {cores} cores"
    return Cost(name, share, sum(cost.wakes for cost in found), sum(cost.memory for cost in found))


def _family(root: int) -> Iterator[psutil.Process]:
    parent = psutil.Process(root)
    yield from (parent, *parent.children(recursive=True))


def _reading(process: psutil.Process) -> Reading:
    times = process.cpu_times()
    return Reading(time.monotonic(), times.user + times.system, _woken(process.pid))


def _woken(pid: int) -> int:
    """Return the sum over all threads, which the kernel counts separately."""
    words = [path.read_text().partition("\nvoluntary_ctxt_switches:")[2] for path in _statuses(pid)]
    return sum(int(word.split()[0]) for word in words)


def _statuses(pid: int) -> Iterator[Path]:
    return Path(f"/proc/{pid}/task").glob("*/status")


def _cost(process: psutil.Process, before: Reading) -> Cost:
    after, memory = _reading(process), process.memory_full_info().pss
    passed = after.at - before.at
    return Cost(
        _name(process), (after.spent - before.spent) / passed, max(0, after.woken - before.woken) / passed, memory
    )


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    begin = next((words.index(role) for role in _ROLES if role in words), 0)
    return f"{process.pid} {' '.join(words[begin:])}"[:_NAME]
