"""A second user of the machine, or a second data folder, has an API of its own: its port is chosen once and kept."""

from __future__ import annotations

from backend.client.transport import ApiError
from backend.contract.environment import Environment
from backend.contract.health import home_fingerprint
from backend.contract.settings import variable_of
from desktop.composition.services import client_of
from desktop.host import port_is_free

_TRIED = 50


def with_own_port(environment: Environment) -> Environment:
    """Written to `.env`, where the services and the commands find it too. A port that somebody named stays as it is."""
    if "api_port" in environment.model_fields_set or not _is_another_ones(environment):
        return environment
    first = environment.api_port + 1
    free = (port for port in range(first, first + _TRIED) if port_is_free(environment.reachable_host, port))
    port = next(free, None)
    if port is None or not _kept(environment, port):
        return environment
    return environment.model_copy(update={"api_port": port})


def _is_another_ones(environment: Environment) -> bool:
    """An OpenThreat that has other data answers there."""
    try:
        health = client_of(environment).health()
    except ApiError:
        return False
    return health.home != home_fingerprint(environment.home)


def _kept(environment: Environment, port: int) -> bool:
    try:
        with (environment.home / ".env").open("a", encoding="utf-8") as file:
            file.write(f"\n# The usual port is another user's.\n{variable_of('api_port')}={port}\n")
    except OSError:
        return False
    return True
