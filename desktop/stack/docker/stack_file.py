"""Creates `stack.env` once; afterwards only its ports may change."""

from __future__ import annotations

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
from backend.system.files import write_atomically
from desktop.host import port_is_free
from desktop.stack import StackUnavailable
from desktop.stack.docker.states import DockerState, problem_of

_PASSWORD_BYTES = 24
_PORTS_TRIED = 200


def read_access(home: Path) -> DockerAccess | None:
    """Read the file; None if there is none yet.

    Raises:
        StackUnavailable: The file cannot be used, or belongs to another data folder.
    """
    try:
        return read_docker_access(home)
    except ForeignStackFileError as error:
        raise StackUnavailable(problem_of(DockerState.FILE_FOREIGN)) from error
    except StackFileError as error:
        raise StackUnavailable(problem_of(DockerState.FILE_UNUSABLE, f"{error}.")) from error


def make_access(home: Path) -> DockerAccess:
    """Create the file with new passwords.

    Raises:
        StackUnavailable: It cannot be written.
    """
    access = DockerAccess(
        project=project_of(home),
        folder=home_fingerprint(home),
        postgres_password=_password(),
        redis_password=_password(),
    )
    write_access(home, access)
    return access


def use_other_ports(home: Path, is_free: Callable[[str, int], bool] = port_is_free) -> DockerAccess:
    """Replace the ports that are not free by free ones; both if both seem free.

    The stack and all services have to be restarted afterwards, since they have read the old ports.

    Raises:
        StackUnavailable: The file cannot be read or written.
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
    return next((free for free in above if free not in other and is_free("127.0.0.1", free)), port)


def _password() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(_PASSWORD_BYTES))


def write_access(home: Path, access: DockerAccess) -> None:
    """Write atomically; only the owner can read the file.

    Raises:
        StackUnavailable: It cannot be written; the old file stays.
    """
    path = home / STACK_FILE
    try:
        write_atomically(path, access.lines().encode("utf-8"), private=True, durable=True)
    except OSError as error:
        raise StackUnavailable(problem_of(DockerState.FILE_UNUSABLE, f"{path}: {error.strerror}.")) from error
