"""Tells when something was installed or removed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from desktop.host import Registry, RegistryWatch
from desktop.inventory.collect import MACHINE_PROGRAMS, STORE_APPS, USER_PROGRAMS

_log = logging.getLogger(__name__)

SETTLE_S = 15.0
"""An installer writes many values; so long without a change, it is done."""


class InstallationWatcher:
    """Calls back after programs were installed, updated or removed, once for all the changes of an installer."""

    def __init__(self, registry: Registry, changed: Callable[[], None], settle_s: float = SETTLE_S) -> None:
        self._registry, self._changed, self._settle_s = registry, changed, settle_s
        self._watch: RegistryWatch | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="installation-watcher", daemon=True)

    def start(self) -> None:
        """Begin. Where no key can be watched, that is logged: the daily scan finds the changes."""
        try:
            self._watch = self._registry.watch((*MACHINE_PROGRAMS, USER_PROGRAMS, STORE_APPS))
        except OSError as error:
            _log.warning("Installations are not noticed until the next daily scan: %s", error)
            return
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._watch:
            self._watch.interrupt()
            self._thread.join()
            self._watch.close()

    def _run(self) -> None:
        watch = self._watch
        try:
            while watch and not self._stopping.is_set():
                if watch.wait() and self._settled(watch):
                    self._changed()
        except OSError as error:
            _log.warning("Installations are not noticed any more until the next start: %s", error)

    def _settled(self, watch: RegistryWatch) -> bool:
        """Wait until nothing has changed for a while; False where the watcher stops meanwhile."""
        while watch.wait(self._settle_s):
            if self._stopping.is_set():
                return False
        return not self._stopping.is_set()
