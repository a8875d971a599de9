"""What the tokens of requests permit, and when each was used last.

The use is written by a separate thread: on SQLite a write may wait for the lock, and a request must not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.contract.access import TOKEN_PATTERN, AccessRole, Actor
from backend.contract.errors import StoreFull, StoreUnavailable
from backend.store.engine import Database
from backend.store.repositories.access_tokens import AccessTokenRepository, StoredToken

USE_NOTED_EVERY = timedelta(minutes=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Grant:
    """What the sender of a request may do, and its name for the history of what it changes."""

    role: AccessRole
    actor: Actor


class TokenGrants:
    """Looks tokens up in the database at each request, so that a revoked one is refused at once."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._writer = ThreadPoolExecutor(1, "token-use")
        self._noted: dict[int, datetime] = {}  # by token, when its use was written last by this process

    def of(self, token: str, address: str) -> Grant | None:
        """Return what a token permits; None for one that is unknown or revoked.

        Args:
            address: Where the request comes from.

        Raises:
            StoreUnavailable, StoreDamaged
        """
        if not TOKEN_PATTERN.fullmatch(token):
            return None
        with self._database.reading() as connection:
            stored = AccessTokenRepository(connection).find(token)
        if stored is None:
            return None
        self._note_use(stored, address)
        return Grant(AccessRole(stored.role), Actor(user=stored.name))

    def close(self) -> None:
        """Stop the writer; a use that is not written yet is lost."""
        self._writer.shutdown(cancel_futures=True)

    def _note_use(self, stored: StoredToken, address: str) -> None:
        now = self._clock()
        last = self._noted.get(stored.id, stored.last_used_at)
        if last is None or not now - USE_NOTED_EVERY < last <= now:
            self._noted[stored.id] = now
            self._writer.submit(self._write, stored.id, address, now)

    def _write(self, token_id: int, address: str, now: datetime) -> None:
        try:
            with self._database.transaction() as connection:
                AccessTokenRepository(connection).note_use(token_id, address, now)
        except (StoreUnavailable, StoreFull) as error:
            log.info("the use of a token is not noted: %s", error)
