"""One way to log for every role: the program's own, with this installation's secrets taken out."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from backend.config import Settings
from backend.log import RedactSecrets, configure_logging


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
