"""Where everything is and how to reach it.

The environment comes first, then `.env` and `settings.toml` in the data folder, then the defaults.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import platformdirs
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.contract.errors import ConfigurationError
from backend.contract.settings import (
    PREFIX,
    StackKind,
    UserSettings,
    settings_of,
    variable_of,
)
from backend.contract.stack import STACK_FILE, DockerAccess, StackFileError, read_docker_access


def _named(name: str) -> AliasChoices:
    """The two variables that the platform's users know carry no prefix."""
    return AliasChoices(name)


def _redis(url: SecretStr | None) -> SecretStr | None:
    if url and not url.get_secret_value().startswith(("redis://", "rediss://")):
        raise PydanticCustomError("redis_url", "It should look like redis://:password@host:6379/0")
    return url


def data_folder() -> Path:
    return Path(platformdirs.user_data_dir("OpenThreat", appauthor=False))


class _HomeOnly(BaseSettings):
    """The data folder has to be known before the `.env` inside it can be read."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    home: Path = Field(default_factory=data_folder)


class Settings(BaseSettings):
    """All settings of one process, read once at its start. Secrets print as stars."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    home: Path = Field(default_factory=data_folder)
    database_url_given: SecretStr | None = Field(default=None, validation_alias=_named("DATABASE_URL"))
    redis_url_given: Annotated[SecretStr | None, AfterValidator(_redis)] = Field(
        default=None, validation_alias=_named("REDIS_URL")
    )
    nvd_api_key: SecretStr | None = Field(default=None, validation_alias=_named("NVD_API_KEY"))
    stack: StackKind | None = None

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8001, ge=1, le=65535)
    api_token: SecretStr | None = None
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(lambda given: str(given).upper())
    ] = "INFO"

    cisa_url: str = ""
    nvd_url: str = ""
    nvd_feeds_url: str = ""
    euvd_url: str = ""
    mitre_url: str = ""
    epss_url: str = ""
    nvd_delay: float | None = Field(default=None, ge=0)  # seconds; None: what the service's rules ask for
    euvd_delay: float = Field(default=0.6, ge=0)  # seconds
    euvd_pages: int = Field(default=100, ge=0)  # of 100 records in one run; 0: all

    user: UserSettings = Field(default_factory=UserSettings)

    @cached_property
    def chosen_stack(self) -> StackKind:
        """The environment wins over settings.toml; servers named by either URL mean the external stack."""
        if self.stack is not None:
            return self.stack
        if self.database_url_given or self.redis_url_given:
            return StackKind.EXTERNAL
        return self.user.stack or StackKind.EMBEDDED

    @cached_property
    def docker_access(self) -> DockerAccess:
        """Where the Docker stack's servers are. Raises ConfigurationError while nobody has made its containers."""
        try:
            access = read_docker_access(self.home)
        except StackFileError as error:
            raise ConfigurationError(
                "The Docker stack's addresses cannot be read", f"{error}.", f"Mend {STACK_FILE}, or put it back."
            ) from error
        if access is None:
            raise ConfigurationError(
                "The Docker stack was never started here",
                f"Its ports and passwords are in {STACK_FILE}, and {self.home} has none.",
                "Start the program first (`openthreat up`), or set OPENTHREAT_STACK=embedded.",
            )
        return access

    @cached_property
    def database_url(self) -> str:
        """A SQLAlchemy address; on the embedded stack SQLite in the data folder. Raises ConfigurationError."""
        if self.chosen_stack is StackKind.EXTERNAL and self.database_url_given:
            return _postgres_driver(self.database_url_given.get_secret_value())
        if self.chosen_stack is StackKind.DOCKER:
            return self.docker_access.database_url
        return f"sqlite:///{self.home / 'openthreat.db'}"

    @cached_property
    def broker_url(self) -> str:
        """The address of Redis or of the embedded broker's file, in Celery's form. Raises ConfigurationError."""
        if self.embedded_broker:
            return f"sqlite:///{quote(str(self.home / 'broker.db'), safe='/:')}"
        if self.chosen_stack is StackKind.EXTERNAL and self.redis_url_given:
            return self.redis_url_given.get_secret_value()
        return self.docker_access.redis_url

    @property
    def embedded_broker(self) -> bool:
        """Whether messages and results are kept in a SQLite file of the data folder instead of Redis."""
        if self.chosen_stack is StackKind.EXTERNAL:
            return not self.redis_url_given
        return self.chosen_stack is StackKind.EMBEDDED

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"

    @property
    def log_folder(self) -> Path:
        return self.home / "logs"

    @property
    def api_base(self) -> str:
        host = "127.0.0.1" if self.api_host in ("0.0.0.0", "::", "localhost") else self.api_host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.api_port}"


def _postgres_driver(url: str) -> str:
    """`postgres://` and a bare `postgresql://` mean psycopg2, the driver the program brings."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url


def load_settings() -> Settings:
    """Everything this process needs to know. Raises ConfigurationError with the name of the setting that is wrong."""
    try:
        home = _HomeOnly().home.expanduser().absolute()
        home.mkdir(parents=True, exist_ok=True)
        settings = Settings(
            _env_file=home / ".env",
            _env_file_encoding="utf-8",
            home=home,
            user=settings_of(home),
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(
            f"{variable_of(*first['loc'])} cannot be used",
            f"{first['msg']}.",
            "Correct the environment variable or the .env file.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "The .env file cannot be read", f"{home / '.env'} is no text in UTF-8.", "Mend the file, or delete it."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            "The data folder cannot be used", str(error), "Name another folder in OPENTHREAT_HOME."
        ) from error
    return settings
