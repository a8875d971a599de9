"""The user at the other end of a loopback connection. Only this module distinguishes the platforms."""

from __future__ import annotations

import sys

from backend.system.caller.connection import Address, Caller, connection_of

if sys.platform == "win32":
    from backend.system.caller.windows import owner_of
else:
    from backend.system.caller.linux import owner_of


def caller_of(own: Address | None, other: Address | None) -> Caller:
    """Return whose program is at the other end of a connection to this process.

    The answer holds as long as the connection. It is determined right after the connection was accepted, since the
    system forgets the owner of a socket when its program closes it.

    Args:
        own: Host and port of this end; None if they are not known.
        other: Host and port of the other end.
    """
    connection = connection_of(own, other)
    return Caller.UNKNOWN if connection is None else owner_of(connection)


__all__ = ["Address", "Caller", "caller_of"]
