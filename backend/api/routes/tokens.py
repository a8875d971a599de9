"""Routes for the tokens by which programs on other machines use this API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, status

from backend.api.parameters import TokenId
from backend.api.roles import Router, Sender, needs
from backend.contract.access import AccessRole, AccessTokenList, TokenCreated, TokenWanted
from backend.services.access.tokens import create_token, list_tokens, revoke_token
from backend.store.engine import Database


def router(database: Database, clock: Callable[[], datetime]) -> APIRouter:
    routes = Router(prefix="/tokens", tags=["tokens"])

    @routes.get("")
    @needs(AccessRole.ADMINISTER)
    def get_tokens() -> AccessTokenList:
        """All tokens: their roles, who made them and when they were used last. Their texts are not stored."""
        with database.reading() as connection:
            return list_tokens(connection)

    @routes.post("", status_code=status.HTTP_201_CREATED)
    @needs(AccessRole.ADMINISTER)
    def post_token(wanted: TokenWanted, sender: Sender) -> TokenCreated:
        """Make a token. Only this answer has its text."""
        with database.transaction() as connection:
            return create_token(connection, wanted, sender, clock())

    @routes.delete("/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
    @needs(AccessRole.ADMINISTER)
    def delete_token(token_id: TokenId) -> None:
        """Revoke a token. It is refused from the next request on."""
        with database.transaction() as connection:
            revoke_token(connection, token_id)

    return routes
