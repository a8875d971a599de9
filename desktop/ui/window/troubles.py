"""Which trouble stands above every page: one at a time, the one that explains most."""

from __future__ import annotations

from desktop.model.services import Phase
from desktop.model.trouble import Trouble
from desktop.model.view import View


def main_trouble(view: View) -> Trouble | None:
    services = view.supervision.services
    gave_up = next((one.trouble for one in services if one.phase is Phase.GAVE_UP and one.trouble), None)
    waiting = next((one.trouble for one in services if one.trouble and not one.ready), None)
    unwell = next((one.trouble for one in services if one.trouble), None)
    return gave_up or waiting or unwell or view.settings_trouble


def service_in(trouble: Trouble, view: View) -> str:
    """The name of the service that has this trouble; empty for a trouble of no service."""
    return next((one.name for one in view.supervision.services if one.trouble == trouble), "")
