"""`openthreat pictures`: draws every page of the window with the data of the running program."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from backend.client.inventory.machine_id import own_machine_id
from backend.client.transport import ApiError
from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.settings import UserSettings
from backend.contract.wire import utc_now
from backend.secret_store import stored_secrets
from desktop.composition.program_actions import ActionDependencies, ProgramActions
from desktop.composition.services import api_client, role_environment
from desktop.diagnostics.doctor import diagnose
from desktop.instance.control import send_command
from desktop.instance.running_instance import NotRunning
from desktop.inventory.scan_status import ScanStatus
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.detection import detect_docker
from desktop.state.app_state import AppState, StateStore
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.session import SupervisedSession, SupervisorThread

if TYPE_CHECKING:
    from desktop.ui.page_context import PageName


class _ServiceStatus(BaseModel):
    """One service in the running program's status."""

    model_config = ConfigDict(extra="ignore")

    name: str
    phase: Phase
    for_s: float
    pid: int | None
    restarts: int


class _Status(BaseModel):
    services: tuple[_ServiceStatus, ...]


def run(folder: Path, *, scale: float) -> int:
    """Write one PNG file per page and theme, and print their paths.

    Args:
        scale: Physical pixels for each logical pixel.

    Returns:
        The exit code.

    Raises:
        NotRunning: No program runs for this data folder.
        OpenThreatError: A picture cannot be written.
    """
    environment = read_environment()
    try:
        state, keys = _app_state(environment), _selected_items(environment)
    except ApiError as error:
        raise NotRunning("OpenThreat is not running", error.message, "`openthreat` starts it.") from error
    file = SettingsFile(environment.home)
    store = StateStore(state)
    dependencies = ActionDependencies(
        lambda: diagnose(role_environment(environment, {})), detect_docker, {}, lambda: None, lambda: None
    )
    secrets = stored_secrets(environment.home)
    idle = SupervisorThread(_refuse, lambda _: None, lambda: None)
    actions = ProgramActions(environment, store, idle, file, secrets, dependencies, lambda: None)

    from desktop.ui.pictures import draw_gallery

    try:
        for path in draw_gallery(store, actions, partial(api_client, environment), folder, keys=keys, scale=scale):
            sys.stdout.write(f"{path}\n")
    except OSError as error:
        raise OpenThreatError("The pictures cannot be written", f"{error}.", "Name another folder.") from error
    return 0


def _app_state(environment: Environment) -> AppState:
    """Build the state from the running program.

    Raises:
        ApiError: The API does not answer.
    """
    fresh, settings = api_client(environment).snapshot(), SettingsFile(environment.home).load().settings
    stack = environment.stack_with(settings)
    status = _Status.model_validate(send_command(environment.home, "status"))
    statuses = {service.name: service for service in status.services}
    services = tuple(_with_status(ServiceState(service), statuses.get(service.name)) for service in plan())
    snapshot = fresh.snapshot if fresh else None
    scan = ScanStatus(machine=own_machine_id(environment.home))
    return AppState(Supervision(services), stack, settings, snapshot=snapshot, snapshot_at=utc_now(), scan=scan)


def _selected_items(environment: Environment) -> Mapping[PageName, str]:
    """Return the item that a page opens: the first record of the list.

    Raises:
        ApiError: The API does not answer.
    """
    from desktop.ui.page_context import PageName

    first = api_client(environment).listed({"page_size": 1}).items
    return {PageName.VULNERABILITIES: first[0].cve_id} if first else {}


def _with_status(state: ServiceState, status: _ServiceStatus | None) -> ServiceState:
    if status is None:
        return state
    since = time.monotonic() - status.for_s
    return replace(state, phase=status.phase, wanted=True, pid=status.pid, restarts=status.restarts, since=since)


def _refuse(_settings: UserSettings) -> SupervisedSession:
    raise OpenThreatError("No service is started for pictures")
