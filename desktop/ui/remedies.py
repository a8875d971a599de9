"""The button of each remedy: what it says, and how its promise is kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from backend.contract.names import TaskName
from backend.contract.problems import Remedy, Trouble
from backend.contract.settings import Stack
from desktop.supervision.plan import STACK
from desktop.ui.formatting import translate
from desktop.ui.page_context import Desk, PageName


def remedy_words(remedy: Remedy) -> str:
    return {
        Remedy.START_DOCKER: translate("remedy", "Start Docker Desktop"),
        Remedy.USE_EMBEDDED: translate("remedy", "Use the built-in database"),
        Remedy.USE_OTHER_PORTS: translate("remedy", "Use other ports"),
        Remedy.FETCH_IMAGES: translate("remedy", "Download the images"),
        Remedy.STOP_FETCHING: translate("remedy", "Cancel the download"),
        Remedy.TRY_AGAIN: translate("remedy", "Try again"),
        Remedy.OPEN_LOG: translate("remedy", "Show the log"),
        Remedy.OPEN_SETTINGS: translate("remedy", "Open the settings"),
        Remedy.OPEN_FOLDER: translate("remedy", "Open the data folder"),
        Remedy.UPDATE_NOW: translate("remedy", "Update now"),
    }[remedy]


def carry_out(
    remedy: Remedy, desk: Desk, failed: Callable[[Trouble], None], *, owner: QObject, service: str = ""
) -> None:
    """What leads to a page or a folder is done here, all else by the program, in the background.

    service: whose trouble it is, where it is one's. failed: is told why, unless the owner is gone by then.
    """
    match remedy:
        case Remedy.OPEN_LOG:
            desk.open(PageName.LOGS, service)
        case Remedy.TRY_AGAIN:
            desk.actions.start_service(service or None)
        case Remedy.STOP_FETCHING:
            desk.actions.stop_service(STACK)
        case Remedy.OPEN_SETTINGS:
            desk.open(PageName.SETTINGS)
        case Remedy.USE_EMBEDDED:
            desk.open(PageName.SETTINGS, f"stack/{Stack.EMBEDDED}")  # which asks first, and says what stays where
        case Remedy.OPEN_FOLDER:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(desk.actions.home)))
        case Remedy.UPDATE_NOW:
            desk.ask(
                lambda client: client.request_run(TaskName.UPDATE),
                lambda accepted: desk.open(PageName.TASKS, accepted.task_id),
                failed,
                owner=owner,
            )
        case _:
            desk.work(lambda: desk.actions.remedy(remedy), lambda _: None, failed, owner=owner)
