"""The settings of a role, and the addresses that follow from them.

Precedence: the environment, then `.env` and `settings.toml` in the data folder, then the defaults.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from backend.contract.environment import Environment, data_folder, read_dotenv
from backend.contract.errors import ConfigurationError
from backend.contract.settings import StackKind, UserSettings, read_user_settings
from backend.contract.stack import STACK_FILE, DockerAccess, StackFileError, read_docker_access
from backend.network.access import NetworkAccess, network_access


def _base_address(service: str) -> str:
    return f"Base address that replaces scheme and host of {service}; the rest of the path stays."


class Settings(Environment):
    """All settings of one role, read once at its start. Secrets print as stars."""

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(lambda given: str(given).upper())
    ] = Field(default="INFO", description="How much the services write to their logs.")

    cisa_url: str = Field(default="", description=_base_address("CISA's catalogue (KEV)"))
    nvd_url: str = Field(default="", description=_base_address("NVD's API"))
    nvd_feeds_url: str = Field(default="", description=_base_address("NVD's yearly and modified feeds"))
    euvd_url: str = Field(default="", description=_base_address("EUVD's API"))
    mitre_url: str = Field(default="", description=_base_address("MITRE's releases of the CVE list"))
    epss_url: str = Field(default="", description=_base_address("FIRST's EPSS scores"))
    nvd_delay: float | None = Field(
        default=None, ge=0, description="Seconds between two requests to NVD. Unset: what NVD's rules ask for."
    )
    euvd_delay: float = Field(default=0.6, ge=0, description="Seconds between two requests to EUVD.")
    euvd_pages: int = Field(default=100, ge=0, description="Pages of 100 records read from EUVD in one run; 0: all.")

    user: Annotated[UserSettings, NoDecode] = Field(
        default_factory=UserSettings, description="What settings.toml says; not read from the environment."
    )

    @field_validator("redis_url_given")
    @classmethod
    def _is_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("redis://", "rediss://")):
            raise PydanticCustomError("redis_url", "It should look like redis://:password@host:6379/0")
        return url

    @cached_property
    def chosen_stack(self) -> StackKind:
        return self.stack_with(self.user)

    @cached_property
    def docker_access(self) -> DockerAccess:
        """Addresses and passwords of the Docker stack. Raises ConfigurationError if it was never started."""
        try:
            access = read_docker_access(self.home)
        except StackFileError as error:
            raise ConfigurationError(
                "The Docker stack's addresses cannot be read", f"{error}.", f"Correct {STACK_FILE}, or put it back."
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
        return f"sqlite:///{self.database_file}"

    @cached_property
    def broker_url(self) -> str:
        """The address of Redis or of the embedded broker's file, in Celery's form. Raises ConfigurationError."""
        if self.embedded_broker:
            return f"sqlite:///{quote(str(self.broker_file), safe='/:')}"
        if self.chosen_stack is StackKind.EXTERNAL and self.redis_url_given:
            return self.redis_url_given.get_secret_value()
        return self.docker_access.redis_url

    @property
    def embedded_broker(self) -> bool:
        """Whether messages and results are kept in a SQLite file of the data folder instead of Redis."""
        if self.chosen_stack is StackKind.EXTERNAL:
            return not self.redis_url_given
        return self.chosen_stack is StackKind.EMBEDDED

    @cached_property
    def network(self) -> NetworkAccess:
        """How this process reaches the internet."""
        return network_access(self, self.user)

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"


def _postgres_driver(url: str) -> str:
    """Name psycopg2, the driver that is installed, in an address without driver."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url


def load_settings() -> Settings:
    """Read all settings of this process, and create the data folder if there is none.

    Raises:
        ConfigurationError: A setting, a settings file or the data folder cannot be used; the message names it.
    """
    home = data_folder()
    return read_dotenv(Settings, home, {"user": read_user_settings(home)})
