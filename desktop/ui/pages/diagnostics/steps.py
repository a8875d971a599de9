"""The one click that mends what was found, or leads to where it is mended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from backend.contract.problems import Finding, Remedy, RemedyAction, Trouble
from desktop.state.app_state import View
from desktop.ui.formatting import translate
from desktop.ui.page_context import Desk
from desktop.ui.widgets.banner import carry_out, remedy_words

_REMEDIES = {
    RemedyAction.UPDATE_NOW.value: Remedy.UPDATE_NOW,
    RemedyAction.OPEN_SETTINGS.value: Remedy.OPEN_SETTINGS,
    RemedyAction.OPEN_FOLDER.value: Remedy.OPEN_FOLDER,
}
_ALL_WORKERS = "worker"


def step_words(finding: Finding) -> str:
    """What the button says; empty where only a person can do something, or a newer program."""
    if finding.action == RemedyAction.RESTART_SERVICE:
        return translate("diagnostics", "Restart")
    remedy = _REMEDIES.get(finding.action)
    return remedy_words(remedy) if remedy else ""


def take_step(finding: Finding, desk: Desk, failed: Callable[[Trouble], None], owner: QObject) -> None:
    """failed: is told why, unless the owner is gone by then."""
    if finding.action == RemedyAction.RESTART_SERVICE:
        for name in concerned(finding.service, desk.view):
            desk.actions.restart_service(name)
    elif finding.action in _REMEDIES:
        carry_out(_REMEDIES[finding.action], desk, failed, owner=owner, service=finding.service)


def concerned(service: str, view: View) -> tuple[str, ...]:
    """The services that a finding speaks of."""
    services = view.supervision.services
    return tuple(one.name for one in services if one.name == service or (service == _ALL_WORKERS and one.service.queue))
