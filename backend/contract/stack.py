"""`stack.env` in the data folder: ports and passwords of the containers in docker-compose.yml.

The desktop writes the file; `docker compose --env-file` and every role read it. Its variables have the prefix
OPENTHREAT_ because variables of the shell take precedence over those of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from backend.contract.health import home_fingerprint

STACK_FILE: Final = "stack.env"
POSTGRES_PORT: Final = 5432
REDIS_PORT: Final = 6379
_USER = "openthreat"  # also the name of the database, as in docker-compose.yml


class StackFileError(ValueError):
    """The file exists and cannot be used. The message never contains its content, which holds passwords."""


class ForeignStackFileError(StackFileError):
    """The file was made for another data folder: the folder was moved or copied."""


class DockerAccess(BaseModel):
    """Names, ports and passwords of the containers that belong to one data folder."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    project: str = Field(alias="COMPOSE_PROJECT_NAME", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    folder: str = Field(default="", alias="OPENTHREAT_FOLDER")
    """Fingerprint of the data folder; empty where a user removed the line after moving the folder."""
    postgres_port: int = Field(default=POSTGRES_PORT, alias="OPENTHREAT_POSTGRES_PORT", ge=1, le=65535)
    postgres_password: SecretStr = Field(alias="OPENTHREAT_POSTGRES_PASSWORD", min_length=1)
    redis_port: int = Field(default=REDIS_PORT, alias="OPENTHREAT_REDIS_PORT", ge=1, le=65535)
    redis_password: SecretStr = Field(alias="OPENTHREAT_REDIS_PASSWORD", min_length=1)

    @property
    def database_url(self) -> str:
        """Address for SQLAlchemy, including the password."""
        return f"postgresql+psycopg2://{_USER}:{_quoted(self.postgres_password)}@127.0.0.1:{self.postgres_port}/{_USER}"

    @property
    def redis_url(self) -> str:
        """Address for Celery, including the password."""
        return f"redis://:{_quoted(self.redis_password)}@127.0.0.1:{self.redis_port}/0"

    def lines(self) -> str:
        """Return the content of the file, including the passwords."""
        values = {
            "COMPOSE_PROJECT_NAME": self.project,
            "OPENTHREAT_FOLDER": self.folder,
            "OPENTHREAT_POSTGRES_PORT": self.postgres_port,
            "OPENTHREAT_POSTGRES_PASSWORD": self.postgres_password.get_secret_value(),
            "OPENTHREAT_REDIS_PORT": self.redis_port,
            "OPENTHREAT_REDIS_PASSWORD": self.redis_password.get_secret_value(),
        }
        return "".join(f"{name}={value}\n" for name, value in values.items())


def _quoted(secret: SecretStr) -> str:
    return quote(secret.get_secret_value(), safe="")


def project_of(home: Path) -> str:
    """Return the compose project for a new file. It differs per folder, so no two share containers or volumes."""
    return f"openthreat-{home_fingerprint(home)}"


def read_docker_access(home: Path) -> DockerAccess | None:
    """Read the file of a data folder.

    Returns:
        The access data, or None where the folder has no such file.

    Raises:
        StackFileError: The file cannot be read or has invalid content.
        ForeignStackFileError: The file was made for another folder.
    """
    path = home / STACK_FILE
    try:
        text = path.read_text(encoding="utf-8")
        access = DockerAccess.model_validate(_values(text))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise StackFileError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except UnicodeDecodeError:
        raise StackFileError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise StackFileError(f"{path}: {error.strerror}") from error
    if access.folder and access.folder != home_fingerprint(home):
        raise ForeignStackFileError(f"{path} was made for another data folder")
    return access


def _values(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
