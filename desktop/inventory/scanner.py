"""Scans this PC by itself: at the start, daily, when something was installed or removed, and on request.

The result goes to the API, which writes nothing where it is the same as before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from backend.client.inventory.entries import SkipReason
from backend.contract.errors import OpenThreatError
from backend.contract.exposure import InventoryStored
from backend.contract.inventory import Inventory
from backend.contract.problems import Problem, failure
from desktop.inventory.collect import MACHINE_PROGRAMS, Collected
from desktop.inventory.scan_status import ScanStatus

DAILY = timedelta(days=1)
LOOK_S = 60.0
"""How often the wall clock is read: a machine that slept for days has the daily scan when it wakes, once."""
_RETRIES_S = (30.0, 60.0, 120.0, 240.0, 480.0, 600.0)
"""Seconds after the first failure, the second, and so on; the last one counts for all further ones."""
_ROOTS = frozenset(map(str, MACHINE_PROGRAMS))
_UNREAD = (SkipReason.DENIED, SkipReason.UNREADABLE)


class InventoryClient(Protocol):
    """The part of ApiClient that the scanner uses."""

    def put_inventory(self, machine_id: str, inventory: Inventory) -> InventoryStored: ...


class InstallationScanner:
    """Collects and sends in a thread of its own.

    Args:
        collect: Reads what is installed.
        machine_id: Reads the id of this PC from the data folder.
        may_scan: Whether the user allows it and the API answers. `wake` is called when that changes.
        report: Called with each new status; must neither block nor wait for this thread.
        now: The time in UTC.
        unavailable: Why nothing can be collected on this system; "" where it can.
    """

    def __init__(
        self,
        collect: Callable[[], Collected],
        machine_id: Callable[[], str],
        client: InventoryClient,
        may_scan: Callable[[], bool],
        report: Callable[[ScanStatus], None],
        now: Callable[[], datetime],
        unavailable: str = "",
    ) -> None:
        self._collect, self._machine_id, self._client = collect, machine_id, client
        self._may_scan, self._report, self._now = may_scan, report, now
        self._status = ScanStatus(unavailable=unavailable)
        self._due_at: datetime | None = None  # None: at once
        self._failures = 0
        self._stopped, self._awake = False, threading.Event()
        self._thread = threading.Thread(target=self._run, name="installation scanner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop without waiting for a running scan."""
        self._stopped = True
        self._awake.set()

    def wake(self) -> None:
        """Look again at once whether a scan is due. May be called from any thread."""
        self._awake.set()

    def scan_soon(self) -> None:
        """Scan as soon as that is possible. May be called from any thread."""
        self._due_at = None
        self._awake.set()

    def step(self) -> float:
        """Scan if that is due and possible; returns the seconds until the next look."""
        now = self._now()
        if self._may_scan() and self._is_due(now):
            self._scan()
            now = self._now()
        wait = (self._due_at - now).total_seconds() if self._due_at else LOOK_S
        return min(max(wait, 0.0), LOOK_S)

    def _is_due(self, now: datetime) -> bool:
        """Also where the clock was set back, after which the next scan would be far away."""
        return self._due_at is None or not now < self._due_at <= now + DAILY

    def _scan(self) -> None:
        self._due_at = self._now() + DAILY  # before collecting: what is installed meanwhile asks for another scan
        self._show(replace(self._status, is_scanning=True))
        try:
            status = self._scanned()
        except OpenThreatError as error:
            self._failed(error.problem)
        except OSError as error:
            self._failed(failure("What is installed cannot be read", f"{error}."))
        else:
            self._failures = 0
            self._show(status)

    def _scanned(self) -> ScanStatus:
        collected, machine = self._collect(), self._machine_id()
        if collected.inventory is None:
            raise OpenThreatError("What is installed cannot be read", collected.reason)
        if unread := _unread_root(collected):
            raise OpenThreatError(
                "The list of installed programs cannot be read",
                f"Windows does not open {unread}. What was known before stays.",
                "It is tried again in a few minutes.",
            )
        self._client.put_inventory(machine, collected.inventory)
        return ScanStatus(
            machine=machine,
            scanned_at=self._now(),
            skipped=collected.skipped,
            skip_counts=collected.skip_counts,
        )

    def _failed(self, problem: Problem) -> None:
        pause = _RETRIES_S[min(self._failures, len(_RETRIES_S) - 1)]
        self._failures += 1
        self._due_at = self._now() + timedelta(seconds=pause)
        self._show(replace(self._status, is_scanning=False, problem=problem))

    def _show(self, status: ScanStatus) -> None:
        self._status = status
        self._report(status)

    def _run(self) -> None:
        self._show(replace(self._status, machine=self._known_machine()))
        while not self._stopped and not self._status.unavailable:
            self._awake.clear()
            self._awake.wait(self.step())

    def _known_machine(self) -> str:
        """The id of this PC; "" where it cannot be read, which the first scan then reports."""
        try:
            return self._machine_id()
        except OSError:
            return ""


def _unread_root(collected: Collected) -> str:
    """The key of the machine's programs that could not be opened: without them, all would count as removed."""
    return next((entry.where for entry in collected.skipped if entry.where in _ROOTS and entry.reason in _UNREAD), "")
