"""The station as a part of Celery's worker: opened before the first message is taken, closed after the last."""

from __future__ import annotations

import logging
from typing import Any

from celery import signals
from celery.bootsteps import StartStopStep
from celery.worker import state

from backend.contract.errors import OpenThreatError, StoreUnavailable
from backend.worker.process import last_words, listen_for_stop
from backend.worker.station import Station, open_station

log = logging.getLogger(__name__)


class StationStep(StartStopStep):  # type: ignore[misc]
    """Celery hands in its worker controller, which has no type of its own."""

    label = "Station"

    def start(self, worker: Any) -> None:
        app = worker.app
        tasks = [name for name in app.tasks if not name.startswith("celery.")]
        try:
            self.obj = station = open_station(app.settings, list(app.amqp.queues.consume_from), tasks)
            app.station = station
            signals.worker_shutting_down.connect(self._stop_task, weak=False)
            listen_for_stop(lambda: stop_worker(station))
            station.open()
        except StoreUnavailable:
            raise SystemExit(0) from None
        except OpenThreatError as error:
            raise SystemExit(last_words(error)) from None

    def stop(self, worker: Any) -> None:
        signals.worker_shutting_down.disconnect(self._stop_task)
        if self.obj:
            if self.obj.stopping:
                worker.exitcode = 0  # Celery counts Ctrl-C as a failure
            self.obj.stopping.wish()
            self.obj.close()
        worker.app.station = None

    def terminate(self, worker: Any) -> None:
        self.stop(worker)

    def _stop_task(self, **_: object) -> None:
        """A warm shutdown would wait for the task's end, which may be half an hour away."""
        if self.obj:
            self.obj.stopping.wish()


def stop_worker(station: Station, exit_code: int = 0) -> None:
    """Ends the worker after the task it is at, which is asked to end soon. May be called from any thread."""
    station.stopping.wish()
    recycle_worker(exit_code)


def recycle_worker(exit_code: int) -> None:
    """Ends the worker before it takes another message."""
    state.should_stop = exit_code
