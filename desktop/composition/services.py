"""The supervised services of one installation, with all that looks after them.

A second user of the machine, or a second data folder, has an API of its own: its port is chosen once and kept.
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
from desktop.supervision.services import Phase, Service, Supervision
from desktop.supervision.session import SupervisedSession
from desktop.supervision.supervisor import Inbox, Supervisor, SystemClock, Watch

_LOOK_S, _STARTING_LOOK_S, _STACK_LOOK_S, _IDLE_LOOK_S, _FILES_LOOK_S = 2.0, 0.3, 3.0, 4.0, 60.0


def compose(
    environment: Environment,
    user: UserSettings,
    host: Host,
    inbox: Inbox,
    watch: Watch,
    secrets: Callable[[], Mapping[str, str]] = dict,
) -> SupervisedSession:
    """A program that any face can run. watch: the face's, told of every change in the supervisor's thread.

    secrets: variables for the services, asked for at each start of one; where the environment has them too, it wins.

    """
    kind = environment.stack_with(user)
    stack, services = _stack(kind, environment), plan(kind)
    instance = uuid.uuid4().hex
    launch_of = _launcher(services, lambda: variables_of_a_role(environment, secrets(), instance))
    supervisor = Supervisor(
        Supervision.of(services),
        inbox,
        Children(host, launch_of, _logger(environment), inbox.post),
        clock=SystemClock(),
        chance=random.random,
    )
    place = ApiEndpoint(environment.reachable_host, environment.api_port, instance, home_fingerprint(environment.home))
    looks = {
        "stack": (StackMonitor(stack).look, _files_pace if kind is StackName.EMBEDDED else _stack_pace),
        "api": (ApiMonitor(client_of(environment), place, port_is_free, port_holder).look, _pace),
        "workers": (WorkerMonitor(client_of(environment)).look, _workers_pace),
    }
    patrols = [
        MonitorThread(name, look, lambda: supervisor.state, inbox.post, pace) for name, (look, pace) in looks.items()
    ]
    for each in (watch, *(patrol.changed for patrol in patrols)):
        supervisor.watch(each)
    return SupervisedSession(supervisor, inbox.post, patrols)


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
    """As the settings say now, not as they said at the start."""
    try:
        return SettingsFile(home).load().settings.docker.stop_containers
    except OpenThreatError:
        return True


def _launcher(services: tuple[Service, ...], variables: Callable[[], Mapping[str, str]]) -> Callable[[str], Launch]:
    """variables: of the environment, read anew for each start."""
    arguments = {service.name: service.arguments for service in services}
    return lambda name: role.launch(arguments[name], variables())


def variables_of_a_role(environment: Environment, secrets: Mapping[str, str], instance: str = "") -> Mapping[str, str]:
    """instance: of the supervisor, for those that it looks after."""
    return {
        "MALLOC_ARENA_MAX": "2",  # on Linux; else what was freed after many questions at once stays with their threads
        **secrets,
        **os.environ,
        "OPENTHREAT_HOME": str(environment.home),
        INSTANCE_VARIABLE: instance,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _logger(environment: Environment) -> Callable[[str], LogFile]:
    return lambda name: LogFile(environment.log_folder / f"{name}.log")


def client_of(environment: Environment, changed: Callable[[], None] = lambda: None) -> ApiClient:
    """One for each thread that asks. changed: as ApiClient has it."""
    return ApiClient(environment.api_base, environment.token, changed=changed)


def _pace(state: Supervision) -> float:
    return _STARTING_LOOK_S if state.changing else _LOOK_S


def _workers_pace(state: Supervision) -> float:
    """Who waits for work is asked less often: most of what the program does on an idle machine is to ask."""
    return _IDLE_LOOK_S if all(one.ready and one.task is None for one in state.services) else _pace(state)


def _stack_pace(state: Supervision) -> float:
    """A stack that is away is not pestered."""
    stack = state[STACK]
    return _STARTING_LOOK_S if stack.phase is Phase.STOPPING else _STACK_LOOK_S


def _files_pace(state: Supervision) -> float:
    """Files do not go away."""
    return _FILES_LOOK_S if state[STACK].phase is Phase.RUNNING else _stack_pace(state)


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
        with (environment.home / DOTENV_FILE).open("a", encoding="utf-8") as file:
            file.write(f"\n# The usual port is another user's.\n{variable_of('api_port')}={port}\n")
    except OSError:
        return False
    return True
