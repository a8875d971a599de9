"""Logging to standard error, one line an entry. Whoever started the process decides where the lines go.

One way to log for every role: the program's own, with this installation's secrets taken out.
"""

from __future__ import annotations

import logging
import re
import sys
from urllib.parse import unquote, urlsplit

from backend.config import Settings

_SECRET_IN_URL = re.compile(r"(?P<scheme>[\w+]+://[^\s:/@]*):[^\s@/]+@")


class RedactSecrets(logging.Filter):
    """Takes passwords out of addresses, and known secrets out of everything, before a line is written."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.redact(record.getMessage()), None
        return True

    def redact(self, text: str) -> str:
        text = _SECRET_IN_URL.sub(r"\g<scheme>:***@", text)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _RedactingFormatter(logging.Formatter):
    """Redacts the whole entry: a traceback is not part of the message that a filter sees."""

    def __init__(self, redactor: RedactSecrets) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.redact(super().format(record))


def configure_logging(level: str, secrets: tuple[str, ...] = ()) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(RedactSecrets(secrets)))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """All that must never be written down: keys, tokens, and the passwords in addresses."""
    given = (settings.nvd_api_key, settings.api_token)
    secrets = [secret.get_secret_value() for secret in given if secret]
    for url in (settings.database_url_given, settings.redis_url_given):
        password = urlsplit(url.get_secret_value()).password if url else None
        if password:
            secrets += [password, unquote(password)]
    return tuple(secrets)


def redactor(settings: Settings) -> RedactSecrets:
    return RedactSecrets(secrets_of(settings))


def set_up_logging(settings: Settings, level: str | None = None) -> None:
    configure_logging(level or settings.log_level, secrets_of(settings))
