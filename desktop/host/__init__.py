"""The machine that the program runs on. The one place that asks which platform that is."""

from __future__ import annotations

import sys

from backend.system.ports import Holder, port_holder, port_is_free
from desktop.host.processes import Child, Host, Launch, Spawner, kill_tree, process_lives

if sys.platform == "win32":
    from desktop.host.processes_windows import WindowsHost as _ThisHost
    from desktop.host.processes_windows import give_way, tether, this_python
    from desktop.host.session_windows import (
        INSTALL_HINT,
        UNSEEN,
        introduce,
        screen_trouble,
        start_at_login,
        starts_at_login,
    )
else:
    from desktop.host.processes_linux import LinuxHost as _ThisHost
    from desktop.host.processes_linux import give_way, tether, this_python
    from desktop.host.session_linux import (
        INSTALL_HINT,
        UNSEEN,
        introduce,
        screen_trouble,
        start_at_login,
        starts_at_login,
    )


def this_host() -> Host:
    return _ThisHost()


__all__ = [
    "INSTALL_HINT",
    "UNSEEN",
    "Child",
    "Holder",
    "Host",
    "Launch",
    "Spawner",
    "give_way",
    "introduce",
    "kill_tree",
    "port_holder",
    "port_is_free",
    "process_lives",
    "screen_trouble",
    "start_at_login",
    "starts_at_login",
    "tether",
    "this_host",
    "this_python",
]
