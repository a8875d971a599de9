"""Composes the supervised session of one installation: stack, services, monitors, environment and API port.

A second user of the machine, or a second data folder, has a separate API; its port is chosen once and saved.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.contract.environment import DOTENV_FILE, Environment, variable_of
from backend.contract.errors import OpenThreatError
from backend.contract.health import INSTANCE_VARIABLE, home_fingerprint
from backend.contract.settings import StackKind as StackName
from backend.contract.settings import UserSettings
from desktop import role
from desktop.host import Host, Launch, port_holder, port_is_free
from desktop.logs.log_file import LogFile
from desktop.settings.settings_file import SettingsFile
from desktop.stack import Stack
from desktop.stack.docker.stack import DockerStack
from desktop.stack.embedded import EmbeddedStack
from desktop.stack.external import ExternalStack, server_of
from desktop.supervision.children import Children
from desktop.supervision.monitors import ApiEndpoint, ApiMonitor, MonitorThread, StackMonitor, WorkerMonitor
from desktop.supervision.plan import STACK, plan
from desktop.supervision.reducer import DEFAULT_RULES
from desktop.supervision.services import Phase, Service, Supervision
from desktop.supervision.session import SupervisedSession
from desktop.supervision.supervisor import ChangeListener, Inbox, Supervisor, SystemClock
from desktop.supervision.timeouts import Rules

_POLL_S, _STARTING_POLL_S, _STACK_POLL_S, _IDLE_POLL_S, _FILES_POLL_S = 2.0, 0.3, 3.0, 10.0, 60.0


def compose(
    environment: Environment,
    user: UserSettings,
    host: Host,
    inbox: Inbox,
    listener: ChangeListener,
    secrets: Callable[[], Mapping[str, str]] = dict,
    rules: Rules = DEFAULT_RULES,
) -> SupervisedSession:
    """Make a session for terminal or tray.

    Args:
        listener: Called with each change of the supervision, in the supervisor's thread.
        secrets: Variables for the services, read at each start of one. The environment has precedence.
    """
    kind = environment.stack_with(user)
    stack, services = _stack(kind, environment), plan()
    instance = uuid.uuid4().hex
    launch_of = _launcher(services, lambda: role_environment(environment, secrets(), instance))
    supervisor = Supervisor(
        Supervision.of(services),
        inbox,
        Children(host, launch_of, _logger(environment), inbox.post),
        clock=SystemClock(),
        chance=random.random,
        rules=rules,
    )
    endpoint = ApiEndpoint(
        environment.reachable_host, environment.api_port, instance, home_fingerprint(environment.home)
    )
    polls = {
        "stack": (StackMonitor(stack).poll, _files_interval if kind is StackName.EMBEDDED else _stack_interval),
        "api": (ApiMonitor(api_client(environment), endpoint, port_is_free, port_holder).poll, _interval),
        "workers": (WorkerMonitor(api_client(environment)).poll, _workers_interval),
    }
    monitors = [
        MonitorThread(name, poll, lambda: supervisor.state, inbox.post, interval)
        for name, (poll, interval) in polls.items()
    ]
    for each in (listener, *(monitor.on_change for monitor in monitors)):
        supervisor.add_listener(each)
    return SupervisedSession(supervisor, inbox.post, monitors)


def _stack(kind: StackName, environment: Environment) -> Stack:
    if kind is StackName.EMBEDDED:
        return EmbeddedStack(environment.home)
    if kind is StackName.EXTERNAL:
        given = (
            ("PostgreSQL", "DATABASE_URL", environment.database_url_given),
            ("Redis", "REDIS_URL", environment.redis_url_given),
        )
        servers = [server_of(title, name, url.get_secret_value()) for title, name, url in given if url]
        return ExternalStack([server for server in servers if server])
    return DockerStack(environment.home, lambda: _stops_containers(environment.home))


def _stops_containers(home: Path) -> bool:
    """Read the settings when the stack is taken down: they may have changed since the start."""
    try:
        return SettingsFile(home).load().settings.docker.stop_containers
    except OpenThreatError:
        return True


def _launcher(services: tuple[Service, ...], variables: Callable[[], Mapping[str, str]]) -> Callable[[str], Launch]:
    arguments = {service.name: service.arguments for service in services}
    return lambda name: role.launch(arguments[name], variables())


def role_environment(environment: Environment, secrets: Mapping[str, str], instance: str = "") -> Mapping[str, str]:
    """Return the environment variables of a role.

    Args:
        instance: The id of the supervisor that starts it; empty for a process that is not supervised.
    """
    return {
        "MALLOC_ARENA_MAX": "2",  # glibc: otherwise each thread keeps the memory that it has freed
        **secrets,
        **os.environ,
        "OPENTHREAT_HOME": str(environment.home),
        INSTANCE_VARIABLE: instance,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _logger(environment: Environment) -> Callable[[str], LogFile]:
    return lambda name: LogFile(environment.log_folder / f"{name}.log")


def api_client(environment: Environment, changed: Callable[[], None] = lambda: None) -> ApiClient:
    """Make a client, one for each thread; `changed` as in `ApiClient`."""
    return ApiClient(environment.api_base, environment.token, changed=changed)


def _interval(state: Supervision) -> float:
    return _STARTING_POLL_S if state.changing else _POLL_S


def _workers_interval(state: Supervision) -> float:
    """Poll idle workers less often: on an idle machine polling is most of what the program does."""
    idle = all(service.ready and service.task is None for service in state.services)
    return _IDLE_POLL_S if idle else _interval(state)


def _stack_interval(state: Supervision) -> float:
    return _STARTING_POLL_S if state[STACK].phase is Phase.STOPPING else _STACK_POLL_S


def _files_interval(state: Supervision) -> float:
    """The files of the embedded stack do not go away while it runs."""
    return _FILES_POLL_S if state[STACK].phase is Phase.RUNNING else _stack_interval(state)


_PORTS_TRIED = 50


def with_own_port(environment: Environment) -> Environment:
    """Choose another API port if an OpenThreat with other data uses the default one.

    The port is written to `.env`, where services and commands read it too. A port that is set explicitly is kept.
    """
    if "api_port" in environment.model_fields_set or not _port_serves_other_data(environment):
        return environment
    first = environment.api_port + 1
    free = (port for port in range(first, first + _PORTS_TRIED) if port_is_free(environment.reachable_host, port))
    port = next(free, None)
    if port is None or not _save_port(environment, port):
        return environment
    return environment.model_copy(update={"api_port": port})


def _port_serves_other_data(environment: Environment) -> bool:
    try:
        found = api_client(environment).live()
    except ApiError:
        return False
    return found.home != home_fingerprint(environment.home)


def _save_port(environment: Environment, port: int) -> bool:
    try:
        with (environment.home / DOTENV_FILE).open("a", encoding="utf-8") as file:
            file.write(f"\n# Another user of this machine has the default port.\n{variable_of('api_port')}={port}\n")
    except OSError:
        return False
    return True
