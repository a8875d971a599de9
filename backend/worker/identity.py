"""Which process this is, and whether another one on this machine still lives."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

SAME_START = 5.0
"""Seconds by which two readings of one process's start time may differ: it comes from a clock that is corrected."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is "slow@host:pid"; `process_started` is the system's start time of the pid in seconds since 1970."""

    name: str
    host: str
    pid: int
    process_started: float


def this_process(kinds: Sequence[str]) -> Identity:
    """kinds: the queues of a worker, or the role of another process."""
    process, host = psutil.Process(), platform.node() or "localhost"
    return Identity(f"{','.join(kinds)}@{host}:{process.pid}", host, process.pid, process.create_time())


def is_gone(host: str, pid: int, process_started: float) -> bool:
    """True only when that process cannot live: it is of this machine, and its pid is free or somebody else's."""
    if host != (platform.node() or "localhost"):
        return False
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - process_started) > SAME_START
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def memory_bytes() -> int:
    """Resident memory of this process."""
    return int(psutil.Process(os.getpid()).memory_info().rss)
