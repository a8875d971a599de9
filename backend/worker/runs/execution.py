"""One delivery of a message: claim the run, do it, write down how it ended. Knows nothing of Celery."""

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
from backend.services.runs.queue import Run, add_run, new_run, utc_now
from backend.store.engine import Database
from backend.store.repositories.runs import CANCELLED, Lease, RunOutcome, RunRepository, StoredRun
from backend.store.retry import OutageLog, until_done
from backend.worker.process import Stopping
from backend.worker.runs.checkpoint import RunContext
from backend.worker.runs.heartbeat import Heartbeat

Body = Callable[[Run], dict[str, object]]
Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a message. state None: the run goes on elsewhere, or later, and somebody else says how it ends."""

    state: RunState | None
    result: dict[str, object] | None = None
    error: OpenThreatError | None = None


IGNORED = DeliveryResult(None)


class Executor:
    """Runs tasks one after the other, as a solo worker does."""

    def __init__(
        self,
        database: Database,
        worker: str,
        heartbeat: Heartbeat,
        stopping: Stopping,
        redact: Callable[[str], str],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database, self._worker, self._heartbeat, self._stopping = database, worker, heartbeat, stopping
        self._redact, self._clock, self._health = redact, clock, OutageLog("the database", log)

    def deliver(self, task_id: str, name: str, body: Body) -> DeliveryResult:
        """Raises what the body raises once the ledger has it, and StoreUnavailable when the program stops
        before the database is back; then the message should go back to the broker."""
        claimed = until_done(lambda: self._claim(task_id, name), self._health, self._stopping.__bool__)
        if not isinstance(claimed, Lease):
            return claimed
        watch = RunContext(claimed, self._stopping)
        self._heartbeat.begin(watch, name, self._clock())
        failed = True
        try:
            delivered = self._perform(watch, body)
            failed = False
        finally:
            self._heartbeat.end(failed=failed)
        return delivered

    def _claim(self, task_id: str, name: str) -> Lease | DeliveryResult:
        with self._database.transaction() as connection:
            runs = RunRepository(connection)
            if hold := runs.claim(task_id, self._worker, self._clock()):
                return hold
            if known := runs.get(task_id):
                log.info("run %s is %s already; the message is a double", task_id, known.state)
                return _as_it_ended(known)
            return self._claim_foreign(connection, task_id, name)

    def _claim_foreign(self, connection: Connection, task_id: str, name: str) -> Lease | DeliveryResult:
        """Sent straight to the broker. An update beside another one ends at once and names the one that runs."""
        now = self._clock()
        run = replace(new_run(name, Trigger.FOREIGN, now), task_id=task_id, published_at=now)
        added = add_run(connection, run)
        if not added.already_running:
            return RunRepository(connection).claim(task_id, self._worker, now) or IGNORED
        result: dict[str, object] = {"already_running": True, "task_id": added.task_id}
        told = _encode(result)
        ended = replace(run, state=RunState.SUCCESS, worker=self._worker, started_at=now, finished_at=now, result=told)
        RunRepository(connection).add(ended)
        return DeliveryResult(RunState.SUCCESS, result)

    def _perform(self, watch: RunContext, body: Body) -> DeliveryResult:
        try:
            watch.checkpoint()
            result = body(watch)
            told = _encode(result)
        except RunInterrupted:
            self._write(lambda runs: runs.put_back(watch.hold, self._clock()))
            return IGNORED
        except RunLost as error:
            log.warning("run %s: %s", watch.id, error)
            return IGNORED
        except RunCancelled:
            return DeliveryResult(RunState.REVOKED) if self._end(watch, CANCELLED) else IGNORED
        except StoreUnavailable as error:
            log.warning("run %s is interrupted: %s", watch.id, error)
            self._write(lambda runs: runs.interrupt(watch.hold, self._clock()))
            return IGNORED
        except Exception as error:
            self._end(watch, self._failure(error))
            raise
        return (
            DeliveryResult(RunState.SUCCESS, result)
            if self._end(watch, RunOutcome(RunState.SUCCESS, result=told))
            else IGNORED
        )

    def _end(self, watch: RunContext, ending: RunOutcome) -> bool:
        return self._write(lambda runs: runs.finish(watch.hold, ending, self._clock(), watch.last_word()))

    def _write(self, action: Callable[[RunRepository], Result]) -> Result:
        def write() -> Result:
            with self._database.transaction() as connection:
                return action(RunRepository(connection))

        return until_done(write, self._health, self._stopping.__bool__)

    def _failure(self, error: Exception) -> RunOutcome:
        trace = self._redact("".join(traceback.format_exception(error)))
        if not isinstance(error, OpenThreatError):
            error = OpenThreatError(
                "The task failed unexpectedly",
                f"{type(error).__name__}: {error}",
                "This is a fault of the program: please report it with the traceback.",
            )
        return RunOutcome(
            RunState.FAILURE,
            error_title=self._redact(error.title),
            error_message=self._redact(error.message),
            error_hint=self._redact(error.hint),
            error_id=error.problem_id,
            traceback=trace,
        )


def _as_it_ended(run: StoredRun) -> DeliveryResult:
    """Said again, because Celery's result may have been lost or overwritten by the double."""
    if run.state not in FINAL_STATES:
        return IGNORED
    error = None
    if run.state is RunState.FAILURE:
        error = OpenThreatError(run.error_title or "Failed", run.error_message or "", run.error_hint or "")
    return DeliveryResult(run.state, msgspec.json.decode(run.result) if run.result else None, error)


def _encode(result: dict[str, object]) -> str:
    return msgspec.json.encode(result).decode()
