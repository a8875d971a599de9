"""The Celery application, for commands such as `celery -A backend.celery_app worker --pool=solo`.

The import opens and creates nothing. Addresses of broker and database are read when Celery first uses them.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

import backend.tasks  # noqa: F401 - registers the tasks
from backend.contract.names import Queue, TaskName, queue_of
from backend.services.runs.schedule import DEFAULT_ENTRIES
from backend.worker.celery.app import OpenThreatCelery
from backend.worker.runs.checkpoint import HARD_LIMIT

VISIBILITY_TIMEOUT = int(HARD_LIMIT) + 3600
"""Seconds after which Redis delivers a message again. It exceeds the longest run, which would otherwise run twice."""

app = OpenThreatCelery("openthreat")

app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_queues={str(queue): {"exchange": "openthreat", "routing_key": str(queue)} for queue in Queue},
    task_default_queue=str(Queue.FAST),
    task_default_exchange="openthreat",
    task_default_exchange_type="direct",
    task_default_routing_key=str(Queue.FAST),
    task_routes={str(name): {"queue": str(queue_of(name))} for name in TaskName},
    task_acks_late=True,
    task_track_started=True,
    task_publish_retry=False,  # beat publishes again what failed
    worker_pool="solo",  # the only pool that works on Windows
    worker_concurrency=1,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    broker_connection_timeout=5,
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # without limit
    result_expires=86400,
    beat_scheduler="backend.worker.beat.scheduler:TableScheduler",
    beat_schedule={
        entry.name: {"task": str(entry.task), "schedule": crontab.from_string(entry.cron)} for entry in DEFAULT_ENTRIES
    },
    enable_utc=True,  # beat reads cron lines itself, in the machine's own time zone
)


def _stack_settings() -> dict[str, Any]:
    settings = app.settings
    options: dict[str, Any] = {"broker_url": settings.broker_url}
    if settings.embedded_broker:
        return options | {
            "broker_transport": "backend.worker.celery.embedded:EmbeddedTransport",
            "worker_enable_remote_control": False,  # this broker has no fan-out
            "result_backend": "backend.worker.celery.embedded:EmbeddedResults",
        }
    timeouts = {"socket_connect_timeout": 5, "socket_timeout": 30}
    return options | {
        "result_backend": settings.broker_url,
        "broker_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT, **timeouts},
        "result_backend_transport_options": {"retry_policy": {"max_retries": 3, "interval_max": 1.0}},
    }


app.add_defaults(_stack_settings)
