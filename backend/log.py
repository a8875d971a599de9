"""Logging of every role: to standard error, one line per entry, without this installation's secrets.

The parent process decides where standard error goes.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial

from pydantic import SecretStr

from backend.config import Settings
from backend.contract.redaction import redacted, secrets_in

_QUIET = ("urllib3", "alembic")
"""Loggers of libraries that write about each request and each step."""


class RedactingFormatter(logging.Formatter):
    """Redacts the whole entry: a traceback is not part of the message that a filter sees."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


def set_up_logging(settings: Settings, level: str | None = None) -> None:
    """Configure logging for this process. level: replaces the level from the settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(redactor(settings)))
    logging.basicConfig(level=(level or settings.log_level).upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def redactor(settings: Settings) -> Callable[[str], str]:
    """Return a function that removes the settings' secrets, and everything that looks like a secret, from a text."""
    given = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    return partial(redacted, secrets=secrets_in(given))
