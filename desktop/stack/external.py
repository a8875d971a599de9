"""The external stack: servers that the user provides. They are checked, but neither started nor stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import problem
from desktop.stack import StackUnavailable

Connect = Callable[[tuple[str, int], float], socket.socket]
_WAIT_S = 3.0
_PORTS = {"postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}


@dataclass(frozen=True)
class ExternalServer:
    """Attributes:
    title: Its name in a message.
    variable: The environment variable with its address.
    """

    title: str
    variable: str
    host: str
    port: int


def server_of(title: str, variable: str, url: str) -> ExternalServer | None:
    """Parse an address; None without host and port, as for a file, a local socket, or a driver-specific address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme.partition("+")[0])
    except ValueError:
        return None
    return ExternalServer(title, variable, host, port) if host and port else None


class ExternalStack:
    name = "external"

    def __init__(self, servers: Sequence[ExternalServer], connect: Connect = socket.create_connection) -> None:
        self._servers, self._connect = servers, connect

    def bring_up(self) -> None:
        self.check()

    def check(self) -> None:
        for server in self._servers:
            try:
                self._connect((server.host, server.port), _WAIT_S).close()
            except OSError as error:
                words = {"server": server.title, "address": f"{server.host}:{server.port}", "reason": _reason(error)}
                found = problem(ProblemId.SERVER_UNREACHABLE, {**words, "variable": server.variable})
                raise StackUnavailable(found) from error

    def take_down(self, *, closing: bool) -> None:
        """The servers belong to the user."""


def _reason(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
