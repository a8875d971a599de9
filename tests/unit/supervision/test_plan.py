"""A change of settings restarts the services that it affects, and no others."""

from __future__ import annotations

import pytest

from backend.contract.names import Source
from backend.contract.proxy import ProxyMode
from backend.contract.settings import (
    DockerSettings,
    InboxThresholds,
    LanguageChoice,
    NetworkSettings,
    Notifications,
    ReportSettings,
    Retention,
    ThemeChoice,
    UserSettings,
)
from desktop.supervision.plan import affected_services

BEFORE = UserSettings()


@pytest.mark.parametrize(
    ("change", "services"),
    [
        ({"sources": {Source.EUVD: False}}, {"api", "worker-slow"}),
        ({"retention": Retention(run_days=7)}, {"worker-fast"}),
        ({"report": ReportSettings(folder="/reports")}, {"worker-fast"}),
        ({"theme": ThemeChoice.DARK}, set()),
        ({"language": LanguageChoice.GERMAN}, set()),
        ({"notifications": Notifications(successes=True)}, set()),
        ({"inbox": InboxThresholds(due_days=3)}, {"worker-slow", "worker-fast"}),
        ({"network": NetworkSettings(proxy=ProxyMode.NONE)}, {"api", "worker-slow", "beat"}),
        ({"watched_vendors": ("apache",)}, set()),
        ({"docker": DockerSettings(stop_containers=False)}, set()),
        ({}, set()),
    ],
)
def test_only_those_restart_who_read_what_was_changed(change: dict[str, object], services: set[str]) -> None:
    assert affected_services(BEFORE, BEFORE.model_copy(update=change)) == services
