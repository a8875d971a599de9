"""The engine behind the fake docker program, in the test's own process.

As with the real one, containers are not the docker program's processes: they outlive it, however it ends. A container
is a server on a port of this machine that sends what the real server sends first.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer
from threading import Thread

ADDRESS_FILE = "engine.port"


class Engine:
    """The engine. A file in `folder` has its port, for the docker program."""

    def __init__(self, folder: Path) -> None:
        self._containers: dict[str, Container | None] = {}  # None: exited
        self._volumes: set[str] = set()
        self._door = _Server(0, _Order)
        self._door.engine = self
        (folder / ADDRESS_FILE).write_text(str(self._door.port), encoding="utf-8")

    def up(self, project: str, services: dict[str, tuple[int, str]]) -> tuple[int, str]:
        """services: port and password of each."""
        for service, (port, password) in services.items():
            running = self._containers.get(service)
            if running and running.port == port:
                continue
            self.kill(service)  # created again, as compose does after a change
            try:
                self._containers[service] = Container(port, service, password)
            except OSError:
                text = f"failed to bind host port 127.0.0.1:{port}/tcp: address already in use"
                return 1, f"Error response from daemon: {text}"
            self._volumes.add(f"{project}_{service}")
        return 0, ""

    def volume(self, name: str) -> tuple[int, str]:
        return 0, name if name in self._volumes else ""

    def ps(self) -> tuple[int, str]:
        states = {service: "running" if container else "exited" for service, container in self._containers.items()}
        rows = [{"Service": service, "State": state, "Health": ""} for service, state in states.items()]
        return 0, "\n".join(map(json.dumps, rows))

    def stop(self) -> tuple[int, str]:
        for service in self._containers:
            self.kill(service)
        return 0, ""

    def kill(self, service: str) -> None:
        container = self._containers.get(service)
        if container:
            container.close()
            self._containers[service] = None

    def close(self) -> None:
        self.stop()
        self._door.close()


class _Server(ThreadingTCPServer):
    """A server on a loopback port; 0 selects a free one. Raises OSError if the port is taken."""

    allow_reuse_address = os.name == "posix"  # on Windows that would take the port from another program
    daemon_threads = True
    engine: Engine

    def __init__(self, port: int, handler: type[BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.port = int(self.server_address[1])
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Container(_Server):
    def __init__(self, port: int, service: str, password: str) -> None:
        self.service, self.password = service, password
        super().__init__(port, _Greeting)


class _Order(StreamRequestHandler):
    """Reads one line of JSON with a command and its arguments; answers with exit code and output."""

    server: _Server

    def handle(self) -> None:
        command, *given = json.loads(self.rfile.readline())
        self.wfile.write(json.dumps(getattr(self.server.engine, command)(*given)).encode())


class _Greeting(BaseRequestHandler):
    request: socket.socket
    server: Container

    def handle(self) -> None:
        with suppress(OSError):
            received = self.request.recv(4096).decode("utf-8", "replace")
            if self.server.service == "postgres":
                self.request.sendall(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")
            elif f"AUTH {self.server.password}\r\n" in received:
                self.request.sendall(b"+OK\r\n+PONG\r\n")
            else:
                self.request.sendall(b"-WRONGPASS\r\n-NOAUTH\r\n")
