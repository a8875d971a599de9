"""Makes `stack.env` once, and changes nothing but its ports afterwards."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from backend.contract.health import home_fingerprint
from backend.contract.stack import (
    STACK_FILE,
    DockerAccess,
    ForeignStackFileError,
    StackFileError,
    project_of,
    read_docker_access,
)
from desktop.host import port_is_free
from desktop.stack import StackAway
from desktop.stack.docker.states import DockerState, problem_of

_PASSWORD_BYTES = 24
_PORTS_TRIED = 200


def read_access(home: Path) -> DockerAccess | None:
    """None: there is no file yet. Raises StackAway for one that cannot be used."""
    try:
        return read_docker_access(home)
    except ForeignStackFileError as error:
        raise StackAway(problem_of(DockerState.FILE_FOREIGN)) from error
    except StackFileError as error:
        raise StackAway(problem_of(DockerState.FILE_UNUSABLE, f"{error}.")) from error


def make_access(home: Path) -> DockerAccess:
    """Raises StackAway where it cannot be written."""
    access = DockerAccess(
        project=project_of(home),
        folder=home_fingerprint(home),
        postgres_password=_password(),
        redis_password=_password(),
    )
    write_access(home, access)
    return access


def use_other_ports(home: Path, is_free: Callable[[str, int], bool] = port_is_free) -> DockerAccess:
    """Writes ports that are free now into the file, for each that is not; for both where neither is seen to be taken.

    The stack and all services have to be started again afterwards: they know the old ports. Raises StackAway.
    """
    access = read_access(home) or make_access(home)
    taken = {port for port in (access.postgres_port, access.redis_port) if not is_free("127.0.0.1", port)}
    changing = taken or {access.postgres_port, access.redis_port}
    postgres = _next_free(access.postgres_port, changing, {access.redis_port}, is_free)
    redis = _next_free(access.redis_port, changing, {postgres}, is_free)
    changed = access.model_copy(update={"postgres_port": postgres, "redis_port": redis})
    write_access(home, changed)
    return changed


def _next_free(port: int, changing: set[int], other: set[int], is_free: Callable[[str, int], bool]) -> int:
    if port not in changing:
        return port
    above = range(port + 1, min(port + _PORTS_TRIED, 65535) + 1)
    return next((one for one in above if one not in other and is_free("127.0.0.1", one)), port)


def _password() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(_PASSWORD_BYTES))


def write_access(home: Path, access: DockerAccess) -> None:
    """Readable by its owner only from its first byte on; the old one or the new one, whatever happens meanwhile."""
    path = home / STACK_FILE
    beside = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="\n") as file:
            file.write(access.lines())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StackAway(problem_of(DockerState.FILE_UNUSABLE, f"{path}: {error.strerror}.")) from error
