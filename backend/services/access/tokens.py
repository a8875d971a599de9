"""Tokens of the API: made, listed, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.access import (
    TOKEN_PREFIX,
    AccessRole,
    AccessToken,
    AccessTokenList,
    Actor,
    TokenCreated,
    TokenWanted,
)
from backend.contract.errors import NotFound, OpenThreatError
from backend.store.repositories.access_tokens import AccessTokenRepository, StoredToken

_RANDOM_BYTES = 32


class TokenNameTaken(OpenThreatError):  # noqa: N818 - names a state
    """Two tokens with one name could not be told apart in the history."""


def create_token(connection: Connection, wanted: TokenWanted, by: Actor, now: datetime) -> TokenCreated:
    """Make a token. Its text is in the answer only.

    Raises:
        TokenNameTaken: Another token has this name.
    """
    tokens = AccessTokenRepository(connection)
    if tokens.is_named(wanted.name):
        message = f"There is a token with the name “{wanted.name}” already."
        raise TokenNameTaken("This name is taken", message, "Choose another name, or revoke that token first.")
    token = TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    number = tokens.add(token, wanted.name, wanted.role, by.user, by.machine, now)
    return TokenCreated(id=number, name=wanted.name, role=wanted.role, created_at=now, created_by=by, token=token)


def list_tokens(connection: Connection) -> AccessTokenList:
    return AccessTokenList(items=tuple(map(_token, AccessTokenRepository(connection).all())))


def revoke_token(connection: Connection, token_id: int) -> None:
    """Delete a token; it is refused from then on.

    Raises:
        NotFound: There is none with this number.
    """
    if not AccessTokenRepository(connection).delete(token_id):
        raise NotFound("No such token", f"There is no token with the number {token_id}.", "It may be revoked already.")


def _token(stored: StoredToken) -> AccessToken:
    return AccessToken(
        id=stored.id,
        name=stored.name,
        role=AccessRole(stored.role),
        created_at=stored.created_at,
        created_by=Actor(user=stored.created_by_user, machine=stored.created_by_machine),
        last_used_at=stored.last_used_at,
        last_used_from=stored.last_used_from,
    )
