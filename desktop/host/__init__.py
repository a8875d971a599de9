"""The host: processes, login session and display. The only module that checks the platform."""

from __future__ import annotations

import sys

from backend.system.ports import Holder, port_holder, port_is_free
from desktop.host.processes import Child, Host, Launch, Spawner, kill_tree, process_is_alive
from desktop.host.registry import (
    Hive,
    Registry,
    RegistryKey,
    RegistryReader,
    RegistryView,
    RegistryWatch,
)

if sys.platform == "win32":
    from desktop.host.processes_windows import WindowsHost as _ThisHost
    from desktop.host.processes_windows import die_with_parent, lower_priority, this_python
    from desktop.host.registry_windows import this_registry
    from desktop.host.session_windows import (
        INSTALL_HINT,
        OFFSCREEN_PLATFORM,
        animations_wanted,
        display_problem,
        high_contrast,
        set_app_id,
        start_at_login,
        starts_at_login,
    )
else:
    from desktop.host.processes_linux import LinuxHost as _ThisHost
    from desktop.host.processes_linux import die_with_parent, lower_priority, this_python
    from desktop.host.registry_linux import this_registry
    from desktop.host.session_linux import (
        INSTALL_HINT,
        OFFSCREEN_PLATFORM,
        animations_wanted,
        display_problem,
        high_contrast,
        set_app_id,
        start_at_login,
        starts_at_login,
    )


def this_host() -> Host:
    return _ThisHost()


__all__ = [
    "INSTALL_HINT",
    "OFFSCREEN_PLATFORM",
    "Child",
    "Hive",
    "Holder",
    "Host",
    "Launch",
    "Registry",
    "RegistryKey",
    "RegistryReader",
    "RegistryView",
    "RegistryWatch",
    "Spawner",
    "animations_wanted",
    "die_with_parent",
    "display_problem",
    "high_contrast",
    "kill_tree",
    "lower_priority",
    "port_holder",
    "port_is_free",
    "process_is_alive",
    "set_app_id",
    "start_at_login",
    "starts_at_login",
    "this_host",
    "this_python",
    "this_registry",
]
