"""Bringing the database up to date beside a process that already answers."""

from __future__ import annotations

import logging
import threading

from backend.contract.errors import StoreUnavailable
from backend.store.engine import Database
from backend.store.retry import Health, until_done
from backend.worker.process import Stopping

log = logging.getLogger(__name__)


def prepare_in_background(database: Database, stopping: Stopping) -> None:
    """Prepares now if the database answers, else as soon as it does. Raises StoreTooNew if it is known now."""
    try:
        database.prepare()
    except StoreUnavailable as error:
        health = Health("the database", log)
        health.ill(error)

        def prepare() -> None:
            until_done(database.prepare, health, stopping)

        threading.Thread(target=prepare, name="prepare-database", daemon=True).start()
