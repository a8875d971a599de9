"""Puts the program together: the one place that knows every part."""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Callable, Mapping

from backend.contract.health import INSTANCE_VARIABLE, home_fingerprint
from backend.contract.settings import Stack as StackName
from backend.contract.settings import UserSettings
from backend.contract.version import VERSION
from desktop import role
from desktop.api_client.client import ApiClient
from desktop.application.control import ControlServer
from desktop.application.foreground import DONE, Foreground, end_running
from desktop.application.instance import InstanceLock
from desktop.application.lookouts import ApiLookout, Place, StackLookout
from desktop.application.program import Program
from desktop.application.voice import Voice
from desktop.application.workers_lookout import QueueLookout, WorkersLookout
from desktop.host import Host, Launch, port_holder, port_is_free, this_host
from desktop.model.plan import STACK, plan
from desktop.model.services import Phase, Service, Supervision
from desktop.model.trouble import DesktopError, SettingsError
from desktop.settings.environment import Environment, read_environment
from desktop.settings.user_file import SettingsFile
from desktop.stack.embedded import EmbeddedStack
from desktop.stack.external import ExternalStack, server_of
from desktop.stack.interface import Stack
from desktop.supervisor.children import Children
from desktop.supervisor.log_file import LogFile
from desktop.supervisor.loop import Supervisor
from desktop.supervisor.patrol import Patrol
from desktop.supervisor.ports import Inbox, SystemClock, ThreadInbox, Watch

_LOOK_S, _STARTING_LOOK_S, _STACK_LOOK_S, _QUEUE_LOOK_S = 2.0, 0.3, 3.0, 10.0
_LAST_WORDS_S = 2.0


def up(*, as_json: bool) -> int:
    """Everything, in the foreground, until somebody wants it to end. Gives the exit code; raises DesktopError."""
    environment = read_environment()
    lock = InstanceLock(environment.home)
    if not lock.take():
        raise DesktopError(
            "OpenThreat runs already", f"Its data are in {environment.home}.", "`openthreat down` ends it."
        )
    try:
        return _up(environment, this_host(), as_json=as_json)
    finally:
        lock.release()


def down(*, as_json: bool) -> int:
    """Ends what runs for the same data. Raises NothingRuns, or DesktopError where it does not end."""
    environment = read_environment()
    end_running(environment.home, InstanceLock(environment.home))
    sys.stdout.write('{"ended": true}\n' if as_json else "Everything has ended\n")
    return DONE


def _up(environment: Environment, host: Host, *, as_json: bool) -> int:
    loaded = SettingsFile(environment.home).load()
    inbox = ThreadInbox()
    log = LogFile(environment.log_folder / "supervisor.log")
    voice = Voice(sys.stdout, log, f"{environment.api_base}/docs", as_json=as_json)
    face = Foreground(voice, inbox.post)
    program = compose(environment, loaded.settings, host, inbox, face.changed)
    control = ControlServer(environment.home, {"quit": program.quit, "status": program.status})
    host.listen_for_stop(face.interrupt)
    voice.start()
    voice.say(f"OpenThreat {VERSION}, data in {environment.home}", version=VERSION, home=str(environment.home))
    if loaded.trouble:
        voice.warn(loaded.trouble)
    program.run(control)
    voice.say("Stopped", exit_code=face.exit_code)
    voice.close(_LAST_WORDS_S)
    return face.exit_code


def compose(
    environment: Environment,
    user: UserSettings,
    host: Host,
    inbox: Inbox,
    watch: Watch,
    secrets: Callable[[], Mapping[str, str]] = dict,
) -> Program:
    """A program that any face can run. watch: the face's, told of every change in the supervisor's thread.

    secrets: variables for the services, asked for at each start of one; where the environment has them too, it wins.

    Raises SettingsError for a stack that this version does not have.
    """
    kind = environment.stack_with(user)
    stack, services = _stack(kind, environment), plan(kind)
    instance = uuid.uuid4().hex
    launch_of = _launcher(services, lambda: {**secrets(), **_variables(environment, instance)})
    supervisor = Supervisor(
        Supervision.of(services),
        inbox,
        Children(host, launch_of, _logger(environment), inbox.post),
        clock=SystemClock(),
        chance=random.random,
    )
    place = Place(environment.reachable_host, environment.api_port, instance, home_fingerprint(environment.home))
    looks = {
        "stack": (StackLookout(stack).look, _stack_pace),
        "api": (ApiLookout(_client(environment), place, port_is_free, port_holder).look, _pace),
        "workers": (WorkersLookout(_client(environment)).look, _pace),
        "queues": (QueueLookout(_client(environment)).look, lambda _: _QUEUE_LOOK_S),
    }
    patrols = [Patrol(name, look, lambda: supervisor.state, inbox.post, pace) for name, (look, pace) in looks.items()]
    for each in (watch, *(patrol.changed for patrol in patrols)):
        supervisor.watch(each)
    return Program(supervisor, inbox.post, patrols)


def _stack(kind: StackName, environment: Environment) -> Stack:
    if kind is StackName.EMBEDDED:
        return EmbeddedStack(environment.home)
    if kind is StackName.EXTERNAL:
        given = (
            ("PostgreSQL", "DATABASE_URL", environment.database_url),
            ("Redis", "REDIS_URL", environment.redis_url),
        )
        servers = [server_of(title, name, url.get_secret_value()) for title, name, url in given if url]
        return ExternalStack([server for server in servers if server])
    raise SettingsError(
        f"This version has no {kind} stack",
        "It runs embedded, or on servers of your own.",
        "Set OPENTHREAT_STACK=embedded, or DATABASE_URL and REDIS_URL.",
    )


def _launcher(services: tuple[Service, ...], variables: Callable[[], Mapping[str, str]]) -> Callable[[str], Launch]:
    """variables: of the environment, read anew for each start."""
    arguments = {service.name: service.arguments for service in services}
    return lambda name: role.launch(arguments[name], variables())


def _variables(environment: Environment, instance: str) -> Mapping[str, str]:
    return {
        **os.environ,
        "OPENTHREAT_HOME": str(environment.home),
        INSTANCE_VARIABLE: instance,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


def _logger(environment: Environment) -> Callable[[str], LogFile]:
    return lambda name: LogFile(environment.log_folder / f"{name}.log")


def _client(environment: Environment) -> ApiClient:
    """One for each thread that asks."""
    return ApiClient(environment.api_base, environment.api_token.get_secret_value() if environment.api_token else "")


def _pace(state: Supervision) -> float:
    return _STARTING_LOOK_S if state.changing else _LOOK_S


def _stack_pace(state: Supervision) -> float:
    """A stack that is away is not pestered."""
    stack = state[STACK]
    return _STARTING_LOOK_S if stack.phase is Phase.STOPPING else _STACK_LOOK_S
