"""What Redis means by its refusals, and what to do about each.

The codes at the beginning of Redis' error replies are part of its protocol; redis-py has classes for some of them and
leaves the code out of the text then. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.errors import OpenThreatError
from backend.contract.formatting import sentences
from backend.contract.problem_catalogue import ProblemId


class BrokerUnavailable(OpenThreatError):  # noqa: N818 - names a state, as StoreUnavailable does
    """The broker cannot be reached. Runs stay in the ledger and are published later."""

    problem_id = ProblemId.BROKER_AWAY


class BrokerRefuses(BrokerUnavailable):
    """The broker answers and does not take tasks: a person has to act."""

    problem_id = ProblemId.BROKER_REFUSES


@dataclass(frozen=True)
class _Refusal:
    """signs: the code of the reply, the class in redis-py, or words of the message."""

    signs: tuple[str, ...]
    title: str
    hint: str


_REFUSALS = (
    _Refusal(
        ("OOM", "OutOfMemoryError", "maxmemory"),
        "Redis is full",
        "Raise maxmemory in its configuration, or remove other data from it.",
    ),
    _Refusal(
        ("MISCONF",),
        "Redis cannot save and refuses to write",
        "Make room on its disk and check its rights there; its log has the details.",
    ),
    _Refusal(
        ("READONLY", "ReadOnlyError", "NOREPLICAS"),
        "Redis is read-only",
        "It is a replica, or has lost its replicas. Set {variable} to the server that accepts writes.",
    ),
    _Refusal(
        ("NOAUTH", "WRONGPASS", "AuthenticationError", "invalid username-password", "invalid password"),
        "Redis refuses the password",
        "Correct the password in {variable}.",
    ),
    _Refusal(
        ("NOPERM", "NoPermissionError"),
        "Redis does not give this user enough rights",
        "Allow the user in {variable} all commands on all keys and channels.",
    ),
    _Refusal(
        ("DENIED", "protected mode"),
        "Redis accepts connections of its own machine only",
        "Give it a password and name that in {variable}, or switch its protected mode off.",
    ),
    _Refusal(
        ("MOVED", "ASK", "CLUSTERDOWN", "MovedError", "AskError", "ClusterDownError"),
        "Redis is a cluster",
        "Set {variable} to a single server: a cluster cannot be the broker.",
    ),
)


def redis_error(error: BaseException, variable: str) -> BrokerUnavailable:
    """Return what an error of the Redis client means.

    Args:
        error: As redis-py raised it, or kombu's around it.
        variable: Where the server's address is set.
    """
    causes = list(_causes(error))
    names = {name for cause in causes for name in (type(cause).__name__, str(cause).partition(" ")[0])}
    reason = str(causes[-1]).rstrip(".")
    for refusal in _REFUSALS:
        if not names.isdisjoint(refusal.signs) or any(" " in sign and sign in reason for sign in refusal.signs):
            return BrokerRefuses(refusal.title, sentences(reason), refusal.hint.format(variable=variable))
    return BrokerUnavailable("Redis cannot be reached", sentences(reason), f"Start Redis, or correct {variable}.")


def _causes(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *_causes(error.__cause__)]
