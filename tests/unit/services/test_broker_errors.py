"""Refusals of Redis as redis-py and kombu raise them."""

from __future__ import annotations

import kombu.exceptions
import pytest
import redis

from backend.contract.problem_catalogue import ProblemId
from backend.services.runs.broker_errors import BrokerRefuses, BrokerUnavailable, redis_error

REFUSALS = [
    (redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "full", "maxmemory"),
    (redis.ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "full", "maxmemory"),
    (redis.ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's unable to"), "save", "disk"),
    (redis.ReadOnlyError("You can't write against a read only replica."), "read-only", "accepts writes"),
    (redis.ResponseError("NOREPLICAS Not enough good replicas to write."), "read-only", "replica"),
    (redis.AuthenticationError("Authentication required."), "password", "Correct the password"),
    (redis.ResponseError("WRONGPASS invalid username-password pair or user is disabled."), "password", "password"),
    (redis.exceptions.NoPermissionError("this user has no permissions to run 'set'"), "rights", "Allow the user"),
    (redis.ConnectionError("DENIED Redis is running in protected mode because no password"), "own machine", "password"),
    (redis.exceptions.ClusterDownError("CLUSTERDOWN Hash slot not served"), "cluster", "single server"),
]


@pytest.mark.parametrize(("error", "title", "hint"), REFUSALS, ids=lambda value: str(value)[:20])
def test_a_refusal_is_said_as_what_it_is(error: redis.RedisError, title: str, hint: str) -> None:
    found = redis_error(error, "REDIS_URL")
    assert isinstance(found, BrokerRefuses)
    assert found.problem.id is ProblemId.BROKER_REFUSES
    assert title in found.title
    assert hint in found.hint


@pytest.mark.parametrize("error", [redis.ConnectionError("Error 111 connecting."), redis.TimeoutError("Timeout")])
def test_a_server_that_is_away_is_away(error: redis.RedisError) -> None:
    found = redis_error(error, "stack.env")
    assert type(found) is BrokerUnavailable
    assert found.title == "Redis cannot be reached"
    assert "stack.env" in found.hint


def test_kombu_around_the_refusal_changes_nothing() -> None:
    around = kombu.exceptions.OperationalError("OOM")
    around.__cause__ = redis.OutOfMemoryError("command not allowed")
    assert redis_error(around, "REDIS_URL").title == "Redis is full"
