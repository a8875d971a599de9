"""Handing a run to Celery's broker."""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError

from backend.services.runs.queue import BrokerUnavailable, Publish

PATIENCE = 3.0
"""Seconds. A worker may wait longer for its broker than somebody who asks the API for a run."""


def publisher(app: Celery) -> Publish:
    """One attempt per call: whoever calls keeps the run and tries again.

    Who publishes reads the ledger, not Celery's results: without a backend no channel stays open for each run's result.
    """
    app.conf.result_backend = "disabled://"
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": PATIENCE,
    }

    def publish(task_id: str, name: str, queue: str) -> None:
        try:
            app.send_task(name, task_id=task_id, queue=queue, retry=False)
        except OperationalError as error:
            raise BrokerUnavailable(
                "The broker cannot be reached", str(error), "Start it again; what waits is sent then."
            ) from error

    return publish
