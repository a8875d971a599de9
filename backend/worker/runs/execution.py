"""Execute the run that a message names: claim it, call the task's function, store the outcome.

Independent of Celery; backend.worker.celery.bootsteps calls it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import OpenThreatError, RunCancelled, RunInterrupted, RunLost, StoreUnavailable
from backend.contract.names import FINAL_STATES, RunState, Trigger
from backend.contract.wire import utc_now
from backend.services.runs.queue import Run, add_run, new_run
from backend.store.engine import Database
from backend.store.repositories.runs import CANCELLED, Lease, RunOutcome, RunRepository, StoredRun
from backend.store.retry import OutageLog, retry_until_stopped
from backend.worker.process import StopRequest
from backend.worker.runs.checkpoint import RunContext
from backend.worker.runs.heartbeat import Heartbeat

TaskFunction = Callable[[Run], dict[str, object]]
Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of a delivery."""

    state: RunState | None  # None: the run continues later or in another worker, which stores its outcome
    result: dict[str, object] | None = None
    error: OpenThreatError | None = None


IGNORED = DeliveryResult(None)


class Executor:
    """Executes runs one after the other, as Celery's solo pool does."""

    def __init__(
        self,
        database: Database,
        worker: str,
        heartbeat: Heartbeat,
        stopping: StopRequest,
        redact: Callable[[str], str],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database, self._worker, self._heartbeat, self._stopping = database, worker, heartbeat, stopping
        self._redact, self._clock, self._health = redact, clock, OutageLog("the database", log)

    def deliver(self, task_id: str, name: str, body: TaskFunction) -> DeliveryResult:
        """Execute one run and store its outcome in the ledger.

        Args:
            task_id: Id of the run, from the message.
            name: Full name of the task.
            body: The task's function.

        Raises:
            StoreUnavailable: The program stops while the database cannot be reached. The message should be requeued.
            Exception: What `body` raises, after it was stored in the ledger.
        """
        claimed = retry_until_stopped(lambda: self._claim(task_id, name), self._health, self._stopping.__bool__)
        if not isinstance(claimed, Lease):
            return claimed
        context = RunContext(claimed, self._stopping)
        self._heartbeat.begin(context, name, self._clock())
        failed = True
        try:
            delivered = self._perform(context, body)
            failed = False
        finally:
            self._heartbeat.end(failed=failed)
        return delivered

    def _claim(self, task_id: str, name: str) -> Lease | DeliveryResult:
        with self._database.transaction() as connection:
            runs = RunRepository(connection)
            if lease := runs.claim(task_id, self._worker, self._clock()):
                return lease
            if known := runs.get(task_id):
                log.info("run %s is already %s; the message is a duplicate", task_id, known.state)
                return _stored_result(known)
            return self._claim_foreign(connection, task_id, name)

    def _claim_foreign(self, connection: Connection, task_id: str, name: str) -> Lease | DeliveryResult:
        """Add and claim a run that another Celery client sent to the broker.

        If an update is active, a second one succeeds at once, with the id of the active one as its result.
        """
        now = self._clock()
        run = replace(new_run(name, Trigger.FOREIGN, now), task_id=task_id, published_at=now)
        added = add_run(connection, run)
        if not added.already_running:
            return RunRepository(connection).claim(task_id, self._worker, now) or IGNORED
        result: dict[str, object] = {"already_running": True, "task_id": added.task_id}
        finished = replace(
            run,
            state=RunState.SUCCESS,
            worker=self._worker,
            started_at=now,
            finished_at=now,
            result=_encode(result),
        )
        RunRepository(connection).add(finished)
        return DeliveryResult(RunState.SUCCESS, result)

    def _perform(self, context: RunContext, body: TaskFunction) -> DeliveryResult:
        try:
            context.checkpoint()
            result = body(context)
            encoded = _encode(result)
        except RunInterrupted:
            self._write(lambda runs: runs.put_back(context.lease, self._clock()))
            return IGNORED
        except RunLost as error:
            log.warning("run %s: %s", context.id, error)
            return IGNORED
        except RunCancelled:
            return DeliveryResult(RunState.REVOKED) if self._finish(context, CANCELLED) else IGNORED
        except StoreUnavailable as error:
            log.warning("run %s is interrupted: %s", context.id, error)
            self._write(lambda runs: runs.interrupt(context.lease, self._clock()))
            return IGNORED
        except Exception as error:
            self._finish(context, self._failure(error))
            raise
        return (
            DeliveryResult(RunState.SUCCESS, result)
            if self._finish(context, RunOutcome(RunState.SUCCESS, result=encoded))
            else IGNORED
        )

    def _finish(self, context: RunContext, outcome: RunOutcome) -> bool:
        return self._write(lambda runs: runs.finish(context.lease, outcome, self._clock(), context.encoded()))

    def _write(self, action: Callable[[RunRepository], Result]) -> Result:
        def write() -> Result:
            with self._database.transaction() as connection:
                return action(RunRepository(connection))

        return retry_until_stopped(write, self._health, self._stopping.__bool__)

    def _failure(self, error: Exception) -> RunOutcome:
        trace = self._redact("".join(traceback.format_exception(error)))
        if not isinstance(error, OpenThreatError):
            error = OpenThreatError(
                "The task failed unexpectedly",
                f"{type(error).__name__}: {error}",
                "This is a fault in the program. Please report it with the traceback.",
            )
        return RunOutcome(
            RunState.FAILURE,
            error_title=self._redact(error.title),
            error_message=self._redact(error.message),
            error_hint=self._redact(error.hint),
            error_id=error.problem_id,
            traceback=trace,
        )


def _stored_result(run: StoredRun) -> DeliveryResult:
    """Return the stored outcome again: Celery's result may have been lost, or overwritten by the duplicate."""
    if run.state not in FINAL_STATES:
        return IGNORED
    error = None
    if run.state is RunState.FAILURE:
        error = OpenThreatError(run.error_title or "Failed", run.error_message or "", run.error_hint or "")
    return DeliveryResult(run.state, msgspec.json.decode(run.result) if run.result else None, error)


def _encode(result: dict[str, object]) -> str:
    return msgspec.json.encode(result).decode()
