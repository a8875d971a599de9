"""Settings from environment variables and from `.env` in the data folder.

The desktop uses `Environment`; `backend.config.Settings` adds what only the roles need.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.contract.errors import ConfigurationError
from backend.contract.folder_rights import PRIVATE, make_private
from backend.contract.proxy import parse_proxy_choice
from backend.contract.settings import StackKind, UserSettings
from backend.contract.validation import explanation_of

PREFIX = "OPENTHREAT_"
DOTENV_FILE = ".env"
_WITHOUT_PREFIX = ("DATABASE_URL", "REDIS_URL", "NVD_API_KEY")
"""Variables with an established name, which get no prefix."""
_EVERY_ADDRESS = ("0.0.0.0", "::", "localhost")  # noqa: S104 - compared, not bound


def variable_of(*location: str | int) -> str:
    """The environment variable of a setting, from a field's name or from the location in a validation error."""
    name = "_".join(map(str, location)).upper()
    return name if name in _WITHOUT_PREFIX else PREFIX + name


class DataFolder(BaseSettings):
    """The data folder has to be known before the `.env` inside it can be read."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("OpenThreat", appauthor=False)),
        description="The data folder. Without this variable it is `%LOCALAPPDATA%\\OpenThreat` on Windows and "
        "`~/.local/share/OpenThreat` on Linux. Read from the environment only, since it says where `.env` is.",
    )


class Environment(DataFolder):
    """The variables that both halves of the program read, once at the start of a process. Secrets print as stars."""

    stack: StackKind | None = Field(
        default=None,
        description="The stack, whatever settings.toml says. `external` is implied by either server address.",
    )
    database_url_given: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="Address of your own PostgreSQL, such as `postgresql://user:password@host/database`.",
    )
    redis_url_given: SecretStr | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        description="Address of your own Redis, such as `redis://:password@host:6379/0`.",
    )
    nvd_api_key: SecretStr | None = Field(
        default=None, validation_alias="NVD_API_KEY", description="Your key for NVD's API: ten times as many requests."
    )
    api_host: str = Field(
        default="127.0.0.1",
        description="The address that the API listens on. Any but this machine's own requires OPENTHREAT_API_TOKEN.",
    )
    api_port: int = Field(default=8001, ge=1, le=65535, description="The port that the API listens on.")
    api_token: SecretStr | None = Field(
        default=None,
        description="The API answers only requests that carry it (`Authorization: Bearer <token>`) or a token of "
        "`openthreat token create`, from any user; it permits everything. Without it, also programs of the user who "
        "runs the API, and of root.",
    )
    proxy: SecretStr | None = Field(
        default=None,
        description="The way to the internet, whatever settings.toml says: `system`, `none`, or the address of a "
        "proxy, such as `http://user:password@proxy.example:3128`. NO_PROXY names hosts that are reached without it.",
    )
    proxy_password: SecretStr | None = Field(
        default=None,
        description="The proxy's password, where its address has none. The tray takes it from the system's keyring.",
    )
    mail_password: SecretStr | None = Field(
        default=None,
        description="The password of the mail server for reports. The tray takes it from the system's keyring.",
    )
    ca_file: Path | None = Field(
        default=None,
        description="A file of certificate authorities (PEM or DER) that are trusted besides the system's.",
    )

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, given: SecretStr | None) -> SecretStr | None:
        try:
            if given is not None:
                parse_proxy_choice(given.get_secret_value())
        except ValueError as error:
            raise PydanticCustomError("proxy", "{reason}", {"reason": str(error)}) from error
        return given

    @property
    def reachable_host(self) -> str:
        """The address by which this machine reaches an API that listens on `api_host`."""
        return "127.0.0.1" if self.api_host in _EVERY_ADDRESS else self.api_host

    @property
    def api_base(self) -> str:
        host = f"[{self.reachable_host}]" if ":" in self.reachable_host else self.reachable_host
        return f"http://{host}:{self.api_port}"

    @property
    def token(self) -> str:
        """The API's token; empty if there is none."""
        return self.api_token.get_secret_value() if self.api_token else ""

    @property
    def log_folder(self) -> Path:
        return self.home / "logs"

    @property
    def database_file(self) -> Path:
        """The database of the embedded stack."""
        return self.home / "openthreat.db"

    @property
    def broker_file(self) -> Path:
        """The message queue of the embedded stack."""
        return self.home / "broker.db"

    @property
    def fixed_stack(self) -> StackKind | None:
        """The stack set by the environment, if any; the address of either server implies the external one."""
        if self.stack is not None:
            return self.stack
        return StackKind.EXTERNAL if self.database_url_given or self.redis_url_given else None

    def stack_with(self, user: UserSettings) -> StackKind:
        """The stack in use: the environment has precedence over settings.toml."""
        return self.fixed_stack or user.stack or StackKind.EMBEDDED


Model = TypeVar("Model", bound=DataFolder)


def read_environment() -> Environment:
    """Read the settings that the desktop needs, and create the data folder if there is none.

    Raises:
        ConfigurationError: A variable, the `.env` file or the data folder cannot be used.
    """
    return read_dotenv(Environment, data_folder())


def data_folder() -> Path:
    """Return the data folder, which other users may not enter; create it if there is none.

    Raises:
        ConfigurationError: It cannot be made.
    """
    home = DataFolder().home
    try:
        home = home.expanduser().absolute()
        home.mkdir(PRIVATE, parents=True, exist_ok=True)
        make_private(home)
    except (OSError, RuntimeError) as error:  # RuntimeError: the home folder is unknown
        raise _unusable_folder(error) from error
    return home


def read_dotenv(model: type[Model], home: Path, known: Mapping[str, Any] | None = None) -> Model:
    """Read `model` from the environment, which has precedence, and from `.env` in the data folder.

    Args:
        model: The class of the settings.
        home: The data folder.
        known: Values of fields that are not read from there.

    Raises:
        ConfigurationError: A variable or the file cannot be used; the message names which, without its value.
    """
    path = home / DOTENV_FILE
    try:
        return model(_env_file=path, _env_file_encoding="utf-8", **{"home": home, **(known or {})})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ConfigurationError(
            f"{variable_of(*first['loc'])} cannot be used",
            explanation_of(first),
            "Correct the environment variable or the .env file.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "The .env file cannot be read", f"{path} is no text in UTF-8.", "Correct the file, or delete it."
        ) from error
    except OSError as error:
        raise _unusable_folder(error) from error


def _unusable_folder(error: Exception) -> ConfigurationError:
    reason = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.filename else str(error)
    return ConfigurationError("The data folder cannot be used", reason, "Name another folder in OPENTHREAT_HOME.")
