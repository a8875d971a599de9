"""What the environment, and `.env` in the data folder, say about this installation, as far as the desktop needs it.

Everything else reaches the roles by the same environment; secrets are passed on, never shown.

Whose word on new versions is believed.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.contract.errors import ConfigurationError
from backend.contract.settings import PREFIX, StackKind, UserSettings, variable_of

PUBLIC_KEY = ""
"""Ed25519, in hexadecimal, as `resources/sign_release.py keys` prints it. Empty as long as nobody publishes releases:
then nothing is asked, and the settings say so.
"""


EVERY_ADDRESS = ("0.0.0.0", "::", "localhost")  # noqa: S104 - compared, not bound


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("OpenThreat", appauthor=False))


class _HomeOnly(BaseSettings):
    """The data folder has to be known before the `.env` inside it can be read."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    home: Path = Field(default_factory=_data_folder)


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    home: Path = Field(default_factory=_data_folder)
    stack: StackKind | None = None
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8001, ge=1, le=65535)
    api_token: SecretStr | None = None
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")
    nvd_api_key: SecretStr | None = Field(default=None, validation_alias="NVD_API_KEY")
    releases_url: str = Field(
        default="", description="of the signed manifest of the newest version; empty: nobody is asked"
    )
    releases_key: str = Field(default=PUBLIC_KEY, description="of who signs it: Ed25519, in hexadecimal")

    @property
    def reachable_host(self) -> str:
        """Where this machine reaches an API that listens on `api_host`."""
        return "127.0.0.1" if self.api_host in EVERY_ADDRESS else self.api_host

    @property
    def api_base(self) -> str:
        host = f"[{self.reachable_host}]" if ":" in self.reachable_host else self.reachable_host
        return f"http://{host}:{self.api_port}"

    @property
    def log_folder(self) -> Path:
        return self.home / "logs"

    @property
    def fixed_stack(self) -> StackKind | None:
        """The one that the environment names; servers named by either address mean the external one."""
        if self.stack is not None:
            return self.stack
        return StackKind.EXTERNAL if self.database_url or self.redis_url else None

    def stack_with(self, user: UserSettings) -> StackKind:
        """The environment wins over settings.toml."""
        return self.fixed_stack or user.stack or StackKind.EMBEDDED


def read_environment() -> Environment:
    """Makes the data folder if there is none. Raises ConfigurationError with the name of what cannot be used."""
    try:
        home = _HomeOnly().home.expanduser().absolute()
        environment = Environment(_env_file=home / ".env", _env_file_encoding="utf-8", home=home)
        home.mkdir(parents=True, exist_ok=True)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise ConfigurationError(
            f"{variable_of(*first['loc'])} cannot be used",
            f"{first['msg']}.",
            "Correct the environment or the .env file.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "The .env file cannot be read", f"{home / '.env'} is no text in UTF-8.", "Mend the file, or delete it."
        ) from error
    except OSError as error:
        raise ConfigurationError(
            "The data folder cannot be used", str(error), "Name another folder in OPENTHREAT_HOME."
        ) from error
    return environment
