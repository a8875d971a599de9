"""The machine that the program runs on. The one place that asks which platform that is."""

from __future__ import annotations

import sys

from backend.system.ports import Holder, port_holder, port_is_free
from desktop.host.gauge import Gauge
from desktop.host.interface import Child, Host, Launch, Spawner
from desktop.host.processes import kill_tree, process_lives

if sys.platform == "win32":
    from desktop.host.identity_windows import introduce
    from desktop.host.login_windows import start_at_login, starts_at_login
    from desktop.host.screen_windows import INSTALL_HINT, UNSEEN, screen_trouble
    from desktop.host.windows import WindowsHost as _ThisHost
    from desktop.host.windows import give_way, tether, this_python
else:
    from desktop.host.identity_linux import introduce
    from desktop.host.linux import LinuxHost as _ThisHost
    from desktop.host.linux import give_way, tether, this_python
    from desktop.host.login_linux import start_at_login, starts_at_login
    from desktop.host.screen_linux import INSTALL_HINT, UNSEEN, screen_trouble


def this_host() -> Host:
    return _ThisHost()


__all__ = [
    "INSTALL_HINT",
    "UNSEEN",
    "Child",
    "Gauge",
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
