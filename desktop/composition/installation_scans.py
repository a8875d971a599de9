"""The scans of this PC in the tray: the scanner, what wakes it, and where its status goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desktop.host import Registry
from desktop.inventory.collect import ELSEWHERE, Collected, collect_here
from desktop.inventory.scanner import InstallationScanner, InventoryClient
from desktop.inventory.watch import InstallationWatcher
from desktop.state.app_state import AppState, ScanReported, StateStore


class InstallationScans:
    """Scans when something was installed, when another database is chosen, and when the scanner's own rules say so.

    Args:
        client: Used by the scanner's thread alone.
        registry: Watched for installations; None on systems where nothing can be collected.
    """

    def __init__(
        self,
        store: StateStore,
        client: InventoryClient,
        machine_id: Callable[[], str],
        registry: Registry | None,
        now: Callable[[], datetime],
        collect: Callable[[], Collected] = collect_here,
    ) -> None:
        self._scanner = InstallationScanner(
            collect,
            machine_id,
            client,
            lambda: store.state.may_scan,
            lambda status: store.post(ScanReported(status)),
            now,
            "" if registry else ELSEWHERE,
        )
        self._watcher = InstallationWatcher(registry, self._scanner.scan_soon) if registry else None
        store.add_listener(self._state_changed)

    def start(self) -> None:
        self._scanner.start()
        if self._watcher:
            self._watcher.start()

    def stop(self) -> None:
        if self._watcher:
            self._watcher.stop()
        self._scanner.stop()

    def scan_soon(self) -> None:
        self._scanner.scan_soon()

    def _state_changed(self, before: AppState, after: AppState) -> None:
        if after.stack is not before.stack:
            self._scanner.scan_soon()  # another database has no list of this PC, or an old one
        elif after.may_scan and not before.may_scan:
            self._scanner.wake()
