"""The registry elsewhere than on Windows: there is none."""

from __future__ import annotations

from desktop.host.registry import Registry


def this_registry() -> Registry | None:
    return None
