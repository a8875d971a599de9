"""Read the run ledger as messages of the contract."""

from __future__ import annotations

import json
import logging

from pydantic import JsonValue, ValidationError
from sqlalchemy import Connection

from backend.contract.errors import ErrorFields
from backend.contract.names import RunState, Trigger
from backend.contract.tasks import Progress, TaskPage, TaskRun
from backend.contract.wire import page_count
from backend.services.runs.queue import run_not_found
from backend.store.repositories.runs import RunRepository, StoredRun

log = logging.getLogger(__name__)


def get_run(connection: Connection, task_id: str) -> TaskRun:
    """Return one run.

    Raises:
        NotFound: The id is unknown, or its run has been deleted by the cleanup.
    """
    stored = RunRepository(connection).get(task_id)
    if stored is None:
        raise run_not_found()
    return to_task_run(stored)


def list_runs(
    connection: Connection,
    state: RunState | None = None,
    name: str | None = None,
    trigger: Trigger | None = None,
    *,
    page: int = 1,
    page_size: int = 50,
) -> TaskPage:
    """Return one page of the run history, newest first.

    Args:
        name: Full name of a task, such as "backend.tasks.test_task".
        page: Number of the page, from 1.
    """
    runs, total = RunRepository(connection).history(
        state, name, trigger, offset=(page - 1) * page_size, limit=page_size
    )
    return TaskPage(
        items=[to_task_run(run) for run in runs],
        total=total,
        page=page,
        page_size=page_size,
        total_pages=page_count(total, page_size),
    )


def to_task_run(run: StoredRun) -> TaskRun:
    error = None
    if run.error_title is not None:
        error = ErrorFields(
            title=run.error_title,
            message=run.error_message or "",
            hint=run.error_hint or "",
            id=run.error_id or "",
        )
    return TaskRun(
        task_id=run.task_id,
        name=run.name,
        status=run.state,
        result=_json(run.result),
        error=error,
        traceback=run.traceback,
        progress=_parse_progress(run.progress),
        queued_at=run.queued_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        trigger=run.trigger,
        worker=run.worker,
        queue=run.queue,
        attempt=run.attempt,
        cancel_requested=run.cancel_requested,
    )


def _json(text: str | None) -> JsonValue:
    value: JsonValue = json.loads(text) if text else None
    return value


def _parse_progress(text: str | None) -> Progress:
    """Parse stored progress. A newer worker on the same database may write a form that this version cannot read."""
    if not text:
        return Progress()
    try:
        return Progress.model_validate_json(text)
    except ValidationError as error:
        log.debug("progress of a run cannot be read: %s", error)
        return Progress()
