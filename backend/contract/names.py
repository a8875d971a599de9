"""Names and exit codes that several processes share: sources, tasks, queues, roles, run states."""

from __future__ import annotations

from enum import StrEnum

API_PREFIX = "/api/v1"
FEED_PATH = f"{API_PREFIX}/feed.atom"


class Source(StrEnum):
    CISA = "cisa"
    NVD = "nvd"
    EUVD = "euvd"
    MITRE = "mitre"
    EPSS = "epss"


class TaskName(StrEnum):
    UPDATE = "backend.tasks.update_vulnerabilities_task"
    MANUAL_UPDATE = "backend.tasks.manual_update_task"
    CLEAN_CACHE = "backend.tasks.clean_cache_task"
    UPDATE_STATS = "backend.tasks.update_stats_cache_task"
    TEST = "backend.tasks.test_task"
    MATCH = "backend.tasks.match_inventory_task"
    LOAD_BUNDLE = "backend.tasks.load_bundle_task"
    REPORT = "backend.tasks.write_report_task"
    SEND_WEBHOOKS = "backend.tasks.send_webhooks_task"


UPDATE_TASKS = frozenset({TaskName.UPDATE, TaskName.MANUAL_UPDATE, TaskName.LOAD_BUNDLE})
"""Tasks that write vulnerabilities. Only one of them runs at a time on one database."""


class Queue(StrEnum):
    SLOW = "slow"
    FAST = "fast"


def queue_of(task: str) -> Queue:
    """Return the queue on which the runs of a task wait."""
    return Queue.SLOW if task in UPDATE_TASKS else Queue.FAST


def queue_on(machine_id: str) -> str:
    """Return the queue of the short runs that only the workers of one PC take.

    Args:
        machine_id: The id of the PC. Its beginning tells the PCs of a team apart, and fits the ledger.
    """
    return f"{Queue.FAST}.{machine_id[:8]}"


def shared_queue(queue: str) -> str:
    """Return the queue whose workers serve a queue, which may be that of one PC."""
    return queue.partition(".")[0]


class Role(StrEnum):
    API = "api"
    WORKER = "worker"
    BEAT = "beat"
    LOAD = "load"  # the peer of a worker in a first load


SERVICE_TITLES = {
    "stack": "Database",
    Role.API.value: "API",
    f"{Role.WORKER}-{Queue.SLOW}": "Updates",
    f"{Role.WORKER}-{Queue.FAST}": "Jobs",
    Role.WORKER.value: "Updates and Jobs",
    Role.BEAT.value: "Schedule",
}
"""What people read instead of the name of a service. The windows translate it."""


def service_title(name: str) -> str:
    """Return the title of a service; its name where it has none, such as a worker of another queue."""
    return SERVICE_TITLES.get(name, name)


class RunState(StrEnum):
    PENDING = "PENDING"
    STARTED = "STARTED"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"


ACTIVE_STATES = frozenset({RunState.PENDING, RunState.STARTED, RunState.RETRY})
FINAL_STATES = frozenset(RunState) - ACTIVE_STATES


class Trigger(StrEnum):
    """What started a run."""

    SCHEDULE = "schedule"
    API = "api"
    FIRST_START = "first-start"
    FOREIGN = "foreign"  # sent straight to the broker by another Celery client


class Severity(StrEnum):
    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Tag(StrEnum):
    """What a CNA says of a CVE record as a whole (CVE record format, cnaContainer.tags; NVD repeats it as cveTags)."""

    DISPUTED = "disputed"
    UNSUPPORTED = "unsupported-when-assigned"
    HOSTED = "exclusively-hosted-service"


# Exit codes of the roles.
WRONG_USAGE = 2
"""A setting or an argument is invalid: a restart with the same ones fails again."""
UNREACHABLE = 3
"""The stack cannot be reached, or the port is taken; standard error names which."""
RECYCLED = 75
"""The worker has reached its limit of tasks or memory and expects a restart; this is not a failure."""
STUCK = 76
"""A task ignored the hard time limit, so its process ended."""
HOPELESS = 78
"""The database is damaged or of a newer version: a restart fails again until a person repairs it."""
