"""Hosts on one machine: network namespaces on a switch, each with a name, an address and processes of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NETWORK, _NAMES = 0x4000_0000, 0x0400_0000  # CLONE_NEWNET, CLONE_NEWUTS in sched.h
_DISABLED, _FORWARDING = "0", "3"  # states of a switch's port, see bridge(8)


def _system_call(name: str, *arguments: int) -> None:
    """Call a function of libc that Python 3.11 does not offer. It is about the calling thread."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


class NoNamespaces(Exception):  # noqa: N818 - a fact, of which a test makes a skip
    """The kernel or the rights of this process do not allow network namespaces."""


class Host:
    """One host. Threads that are `inside` see its network and name, and start its processes."""

    def __init__(self, name: str, address: str, namespace: str, switch: str, port: str) -> None:
        self.name, self.address = name, address
        self.processes: list[subprocess.Popen[bytes]] = []
        self._namespace, self._switch, self._port = namespace, switch, port

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let this thread be on the host. Sockets made here stay there, as do processes started here."""
        kinds = {"net": _NETWORK, "uts": _NAMES}
        outside = [(os.open(f"/proc/thread-self/ns/{name}", os.O_RDONLY), kind) for name, kind in kinds.items()]
        there = os.open(f"/run/netns/{self._namespace}", os.O_RDONLY)
        try:
            _system_call("setns", there, _NETWORK)
            _system_call("unshare", _NAMES)
            socket.sethostname(self.name)
            yield
        finally:
            for opened, kind in outside:
                _system_call("setns", opened, kind)
                os.close(opened)
            os.close(there)

    def start(self, module: str, *words: str, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Start `python -m module words` there. Its output is added to the log."""
        with self.inside(), log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.processes.append(process)
        return process

    def cut_off(self) -> None:
        """Let nothing in or out. Packets are dropped without an error at either end."""
        self._set_port(_DISABLED)

    def connect(self) -> None:
        self._set_port(_FORWARDING)

    def lose_power(self) -> None:
        """Kill all its processes at once, without a message to the others."""
        self.cut_off()
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def stop(self) -> None:
        """Let its processes end in their own time."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)
        self.processes.clear()

    def _set_port(self, state: str) -> None:
        _run("ip", "netns", "exec", self._switch, "bridge", "link", "set", "dev", self._port, "state", state)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Hosts with these names on one switch, at 10.77.0.1 and following; gone at the end, with all that runs there.

    Raises:
        NoNamespaces: They cannot be made here.
    """
    prefix = f"ot{os.getpid()}"
    made: list[str] = []

    def namespace(name: str) -> str:
        made.append(f"{prefix}-{name}")
        _run("ip", "netns", "add", made[-1])
        _run("ip", "-n", made[-1], "link", "set", "lo", "up")
        return made[-1]

    hosts: dict[str, Host] = {}
    try:
        switch = _switch(namespace)
        for number, name in enumerate(names, start=1):
            hosts[name] = _plug_in(namespace(name), switch, name, number)
        yield hosts
    finally:
        for host in hosts.values():
            host.lose_power()
        for name in made:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def _switch(namespace: Callable[[str], str]) -> str:
    try:
        switch = namespace("switch")
        _run("ip", "-n", switch, "link", "add", "bridge", "type", "bridge")
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or error
        raise NoNamespaces(f"no network namespaces here (they need root on Linux, and iproute2): {reason}") from error
    _run("ip", "-n", switch, "link", "set", "bridge", "up")
    return switch


def _plug_in(namespace: str, switch: str, name: str, number: int) -> Host:
    port, address = f"port{number}", f"10.77.0.{number}"
    _run("ip", "link", "add", port, "netns", switch, "type", "veth", "peer", "name", "eth0", "netns", namespace)
    _run("ip", "-n", switch, "link", "set", port, "master", "bridge", "up")
    _run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
    _run("ip", "-n", namespace, "link", "set", "eth0", "up")
    return Host(name, address, namespace, switch, port)
