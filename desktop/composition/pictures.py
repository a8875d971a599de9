"""`openthreat pictures`: every page of the window, with the data of the program that runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from backend.client.transport import ApiError
from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.settings import UserSettings
from desktop.composition.program_actions import ActionDependencies, ProgramActions
from desktop.composition.services import client_of, variables_of_a_role
from desktop.diagnostics.doctor import diagnose
from desktop.instance.control import ask
from desktop.instance.running_instance import NothingRuns
from desktop.settings.secrets import Keyring, PrivateFiles, Secrets
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.survey import survey
from desktop.state.app_state import AppState, StateStore
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.session import SupervisedSession, SupervisorThread

if TYPE_CHECKING:
    from desktop.ui.page_context import PageName


class _Told(BaseModel):
    """What the running program says of one service."""

    model_config = ConfigDict(extra="ignore")

    name: str
    phase: Phase
    for_s: float
    pid: int | None
    restarts: int


class _Status(BaseModel):
    services: tuple[_Told, ...]


def run(folder: Path, *, scale: float) -> int:
    """Raises NothingRuns, or OpenThreatError where a picture cannot be made."""
    environment = read_environment()
    try:
        view, keys = _view(environment), _shown(environment)
    except ApiError as error:
        raise NothingRuns("Nothing runs that could be pictured", error.message, "`openthreat` starts it.") from error
    file = SettingsFile(environment.home)
    store = StateStore(view)
    means = ActionDependencies(lambda: diagnose(variables_of_a_role(environment, {})), survey, {}, lambda: None)
    secrets = Secrets(Keyring(), PrivateFiles(environment.home))
    idle = SupervisorThread(_nothing, lambda _: None, lambda: None)
    actions = ProgramActions(environment, store, idle, file, secrets, means, lambda: None)

    from desktop.ui.pictures import draw_gallery

    try:
        for path in draw_gallery(store, actions, partial(client_of, environment), folder, keys=keys, scale=scale):
            sys.stdout.write(f"{path}\n")
    except OSError as error:
        raise OpenThreatError("The pictures cannot be written", f"{error}.", "Name another folder.") from error
    return 0


def _view(environment: Environment) -> AppState:
    """Raises ApiError."""
    fresh, settings = client_of(environment).snapshot(), SettingsFile(environment.home).load().settings
    stack = environment.stack_with(settings)
    told = {one.name: one for one in _Status.model_validate(ask(environment.home, "status")).services}
    services = tuple(_as_told(ServiceState(service), told.get(service.name)) for service in plan(stack))
    snapshot = fresh.snapshot if fresh else None
    return AppState(Supervision(services), stack, settings, snapshot=snapshot, heard_at=datetime.now(UTC))


def _shown(environment: Environment) -> Mapping[PageName, str]:
    """The item that a page shows: the list's first record. Raises ApiError."""
    from desktop.ui.page_context import PageName

    first = client_of(environment).listed({"page_size": 1}).items
    return {PageName.VULNERABILITIES: first[0].cve_id} if first else {}


def _as_told(state: ServiceState, told: _Told | None) -> ServiceState:
    if told is None:
        return state
    since = time.monotonic() - told.for_s
    return replace(state, phase=told.phase, wanted=True, pid=told.pid, restarts=told.restarts, since=since)


def _nothing(_settings: UserSettings) -> SupervisedSession:
    raise OpenThreatError("A picture starts nothing")
