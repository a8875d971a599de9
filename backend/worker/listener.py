"""The API's port: taken by us, or by whom."""

from __future__ import annotations

import errno
import os
import socket

from backend.contract.errors import OpenThreatError
from backend.system.ports import holder


class PortTaken(OpenThreatError):  # noqa: N818 - names a state
    """Another program listens where the API should."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises PortTaken, naming the program that has it where the system tells."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # on Windows the same option would share the port with anyone
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken(
                f"Port {port} is taken",
                f"{holder(port) or 'Another program'} listens on it.",
                "End that program, or set OPENTHREAT_API_PORT to another port.",
            ) from error
        raise OpenThreatError(
            f"Cannot listen on {host}", str(error), "Set OPENTHREAT_API_HOST to an address of this machine."
        ) from error
    listener.set_inheritable(True)
    return listener
