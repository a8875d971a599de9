"""A bundle from its upload to the run that loads it (`load.load_uploaded`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from backend.contract.bundle import BundleSummary
from backend.contract.errors import OpenThreatError
from backend.contract.names import TaskName, Trigger
from backend.services.bundle.bundle_file import Bundle, open_bundle
from backend.services.bundle.signature import checked_signer
from backend.services.runs.queue import Enqueued, add_run, new_run
from backend.store.engine import Database
from backend.store.repositories.bundles import PART, BundleRepository, StoredBundle
from backend.store.repositories.runs import RunRepository


class BundleBusy(OpenThreatError):  # noqa: N818 - names a state
    """Another bundle is being loaded."""


def store_upload(database: Database, path: Path, trusted_key: str) -> BundleSummary:
    """Check an uploaded file, and store it for a run. trusted_key: as for `checked_signer`.

    Raises:
        BundleRefused: It is no bundle that can be loaded.
        BundleBusy: Another one is being loaded.
        StoreFull: There is no room for it.
    """
    with open_bundle(path) as bundle, database.transaction() as connection:
        repository, summary = BundleRepository(connection), bundle.summary(checked_signer(bundle, trusted_key))
        before = repository.get()
        if before is not None and before.task_id and RunRepository(connection).is_active(before.task_id):
            raise BundleBusy(
                "A bundle is being loaded",
                "",
                f"Wait for its end, or cancel it: `openthreat cancel {before.task_id}`.",
            )
        repository.put(StoredBundle(summary.id, summary.size), _parts(bundle))
    return summary


def request_load(connection: Connection, waiting: StoredBundle, now: datetime) -> Enqueued:
    """Add the run that loads a waiting bundle to the ledger; the caller or beat publishes it.

    Returns:
        That run; or the update that has to end before, as already running.
    """
    added = add_run(connection, new_run(TaskName.LOAD_BUNDLE, Trigger.API, now))
    if not added.already_running:
        BundleRepository(connection).note(StoredBundle(waiting.id, waiting.size, added.task_id))
    return added


def tend_bundle(connection: Connection, now: datetime) -> None:
    """Request the load of a bundle that waited for the end of an update; delete one whose run has ended.

    Beat calls it every few seconds.
    """
    repository = BundleRepository(connection)
    stored = repository.get()
    if stored is None:
        return
    if stored.task_id is None:
        request_load(connection, stored, now)
    elif not RunRepository(connection).is_active(stored.task_id):
        repository.delete()


def _parts(bundle: Bundle) -> Iterator[bytes]:
    for position in range(0, bundle.size, PART):
        yield bundle.read(position, PART)
