"""The child processes of the services: starts and ends them, writes their output to logs, reports their exits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from backend.contract.redaction import redacted, secrets_in
from desktop.host import Child, Launch, Spawner
from desktop.logs.log_file import LineCutter, LogFile
from desktop.supervision.events import (
    Command,
    Event,
    KillTree,
    RequestStop,
    ServiceExited,
    ServiceSpawned,
    Spawn,
    SpawnFailed,
)
from desktop.supervision.supervisor import Post

_CHUNK = 64 * 1024
_LAST_OUTPUT_S = 2.0  # a descendant that left the process group may keep the pipe open for ever
_LAST_BYTES, _LAST_LINES = 4096, 12


class ChildReader:
    """Copies the output of one child to its log and posts `ServiceExited` when it ends.

    Args:
        secrets: Texts to remove from the last output that the event carries.
    """

    def __init__(self, service: str, child: Child, log: LogFile, post: Post, secrets: Iterable[str] = ()) -> None:
        self._service, self._child, self._log, self._post = service, child, log, post
        self._secrets, self._tail = secrets, b""
        self._reader = threading.Thread(target=self._read, name=f"output of {service}", daemon=True)
        self._waiter = threading.Thread(target=self._wait, name=f"end of {service}", daemon=True)

    def start(self) -> None:
        self._reader.start()
        self._waiter.start()

    def _read(self) -> None:
        cutter = LineCutter()
        with self._child.output as output, suppress(OSError, ValueError):
            while chunk := output.read(_CHUNK):
                self._write(cutter.cut(chunk))
        self._write(cutter.last())
        self._log.close()

    def _write(self, lines: bytes) -> None:
        self._log.write(lines)
        self._log.flush()
        self._tail = (self._tail + lines)[-_LAST_BYTES:]

    def _wait(self) -> None:
        code = self._child.wait()
        self._reader.join(_LAST_OUTPUT_S)
        last_output = redacted(_last_lines(self._tail), self._secrets)
        self._post(ServiceExited(self._service, self._child.pid, code, last_output))


def _last_lines(tail: bytes) -> str:
    """Drop the partial first line: a secret that is cut in two would not be recognised and redacted."""
    if len(tail) == _LAST_BYTES:
        tail = tail.partition(b"\n" if b"\n" in tail.rstrip() else b" ")[2]
    lines = [line.rstrip() for line in tail.decode("utf-8", "replace").splitlines() if line.strip()]
    return "\n".join(lines[-_LAST_LINES:])


class Children:
    """Carries out the reducer's commands.

    Used by one thread that has to live as long as the program: on Linux all children die when it ends.

    Args:
        launch_of: How a service is started, by its name.
        log_of: Where its output goes.
    """

    def __init__(
        self, spawner: Spawner, launch_of: Callable[[str], Launch], log_of: Callable[[str], LogFile], post: Post
    ) -> None:
        self._spawner, self._launch_of, self._log_of, self._post = spawner, launch_of, log_of, post
        self._children: dict[str, Child] = {}

    def execute(self, command: Command) -> Event | None:
        """Return the event that results at once, if any."""
        match command:
            case Spawn(service):
                return self._spawn(service)
            case RequestStop(service):
                self._children[service].request_stop()
            case KillTree(service):
                self._children[service].kill()
        return None

    def _spawn(self, service: str) -> Event:
        try:
            launch = self._launch_of(service)
            child = self._spawner.spawn(launch)
        except (OSError, ValueError) as error:
            return SpawnFailed(service, str(error))
        self._children[service] = child
        ChildReader(service, child, self._log_of(service), self._post, secrets_in(launch.environment)).start()
        return ServiceSpawned(service, child.pid)
