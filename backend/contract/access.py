"""Access to the API: the roles of clients, the tokens that name them, and who changed something."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from backend.contract.wire import Body, Instant, Wire, storable

TOKEN_PREFIX = "openthreat_"  # noqa: S105 - the part that all tokens share
TOKEN_PATTERN = re.compile(rf"\b{TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}(?![A-Za-z0-9_-])")
"""A token: the prefix, by which scanners of logs and repositories find it, and 256 random bits in base64url."""
MAX_TOKEN_NAME = 100  # characters
_VISIBLE = r"[^\s\x00-\x1f]"
"""At least one letter, digit or other sign."""


class AccessRole(StrEnum):
    """What a client may do. Each role includes those before it."""

    READ = "read"  # everything is shown, nothing is changed
    TRIAGE = "triage"  # findings, events, watchlist, searches, decisions on products, inventories
    ADMINISTER = "administer"  # runs, schedule, bundles, tokens, removal of machines

    def includes(self, needed: AccessRole) -> bool:
        order = list(AccessRole)
        return order.index(self) >= order.index(needed)


class Actor(Wire):
    """Who changed something.

    user: the name of the account, or of the token of the request. machine: the name of the PC; "" for a token.
    """

    user: str
    machine: str = ""

    def __str__(self) -> str:
        return f"{self.user} on {self.machine}" if self.user and self.machine else self.user or self.machine


def actor_of(user: str, machine: str) -> Actor | None:
    """The actor with these names; None without any."""
    return Actor(user=user, machine=machine) if user or machine else None


class AccessToken(Wire):
    """A token without its text, which is not stored. last_used_from: the address that used it last."""

    id: int
    name: str
    role: AccessRole
    created_at: Instant
    created_by: Actor
    last_used_at: Instant | None = None
    last_used_from: str = ""


class AccessTokenList(Wire):
    items: tuple[AccessToken, ...] = ()


def _stripped(name: str) -> str:
    return storable(name).strip()


class TokenWanted(Body):
    """name: who uses it, for the list and for the history of what it changed."""

    name: Annotated[str, StringConstraints(max_length=MAX_TOKEN_NAME, pattern=_VISIBLE), AfterValidator(_stripped)]
    role: AccessRole


class TokenCreated(AccessToken):
    """token: its text, which is in no other answer."""

    token: str
