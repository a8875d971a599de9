"""Carries out what the reducer commands."""

from __future__ import annotations

from collections.abc import Callable

from backend.contract.redaction import secrets_in
from desktop.host import Child, Launch, Spawner
from desktop.logs.log_file import LogFile
from desktop.model.commands import AskToStop, Command, KillTree, Spawn
from desktop.model.events import Event, ServiceSpawned, SpawnFailed
from desktop.supervisor.attendant import Attendant
from desktop.supervisor.ports import Post


class Children:
    """Used by one thread, which has to live as long as the program: on Linux its end is the end of all children.

    launch_of: how a service is started; log_of: where its output goes.
    """

    def __init__(
        self, spawner: Spawner, launch_of: Callable[[str], Launch], log_of: Callable[[str], LogFile], post: Post
    ) -> None:
        self._spawner, self._launch_of, self._log_of, self._post = spawner, launch_of, log_of, post
        self._living: dict[str, Child] = {}

    def carry_out(self, command: Command) -> Event | None:
        """Gives the event that comes of it at once, if any."""
        match command:
            case Spawn(service):
                return self._spawn(service)
            case AskToStop(service):
                self._living[service].ask_to_stop()
            case KillTree(service):
                self._living[service].kill()
        return None

    def _spawn(self, service: str) -> Event:
        try:
            launch = self._launch_of(service)
            child = self._spawner.spawn(launch)
        except (OSError, ValueError) as error:
            return SpawnFailed(service, str(error))
        self._living[service] = child
        Attendant(service, child, self._log_of(service), self._post, secrets_in(launch.environment)).start()
        return ServiceSpawned(service, child.pid)
