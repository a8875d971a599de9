"""The machine that the program runs on. The one place that asks which platform that is."""

from __future__ import annotations

import sys

from desktop.host.interface import Child, Host, Launch, Spawner
from desktop.host.ports import Holder, port_holder, port_is_free
from desktop.host.processes import Usage, kill_tree, lineage, process_lives, usage

if sys.platform == "win32":
    from desktop.host.windows import WindowsHost as _ThisHost
    from desktop.host.windows import tether
else:
    from desktop.host.linux import LinuxHost as _ThisHost
    from desktop.host.linux import tether


def this_host() -> Host:
    return _ThisHost()


__all__ = [
    "Child",
    "Holder",
    "Host",
    "Launch",
    "Spawner",
    "Usage",
    "kill_tree",
    "lineage",
    "port_holder",
    "port_is_free",
    "process_lives",
    "tether",
    "this_host",
    "usage",
]
