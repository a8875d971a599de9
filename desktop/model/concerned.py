"""Whom a change of the settings concerns: every service reads them once, when it starts."""

from __future__ import annotations

from backend.contract.names import Queue
from backend.contract.settings import UserSettings
from desktop.model.plan import API

UPDATER, CLEANER = f"worker-{Queue.SLOW}", f"worker-{Queue.FAST}"
NVD_KEY_USERS = frozenset({UPDATER})


def concerned(before: UserSettings, after: UserSettings) -> frozenset[str]:
    """Names of the services to restart. Another stack is another matter: there everything begins anew."""
    services = set[str]()
    if before.sources != after.sources:
        services |= {API, UPDATER}  # one says which sources are on, the other asks them
    if before.retention != after.retention:
        services.add(CLEANER)
    return frozenset(services)
