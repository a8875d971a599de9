"""Names that other programs rely on: sources, tasks, queues, roles, states.

Exit codes by which a role tells whoever started it why it ended.
"""

from __future__ import annotations

from enum import StrEnum

API_PREFIX = "/api/v1"


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


UPDATE_TASKS = frozenset({TaskName.UPDATE, TaskName.MANUAL_UPDATE})
"""Tasks that write vulnerabilities: one of them at a time, for everyone who shares the database."""


class Queue(StrEnum):
    SLOW = "slow"
    FAST = "fast"


class Role(StrEnum):
    API = "api"
    WORKER = "worker"
    BEAT = "beat"


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


WRONG_USAGE = 2
"""A setting or an argument cannot be used: starting again with the same ones is useless."""
UNREACHABLE = 3
"""The stack cannot be reached, or the port is taken: standard error says which."""
RECYCLED = 75
"""The worker has done its share of tasks and wants to be started afresh; nothing is wrong."""
HOPELESS = 78
"""The database is of a newer version or damaged: starting again is useless until somebody has done something."""
STUCK = 76
"""A task ignored the hard limit, so its process ended."""
