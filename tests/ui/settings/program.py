"""What the tests of the settings page share: a program that saves, and the requests to save that it received."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QLabel, QWidget

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent
from backend.contract.settings import UserSettings
from backend.contract.sources import KeyVerdict
from desktop.state.app_state import SettingsSaved, StateStore
from tests.fakes.actions import RecordingActions
from tests.ui.station import ApiProcess


class Program(RecordingActions):
    """Saves as the program does: the view has the new settings when it is done. gate: shut, saving takes its time."""

    store: StateStore
    gate: threading.Event

    def save_settings(self, settings: UserSettings) -> None:
        assert self.gate.wait(10)
        super().save_settings(settings)
        self.store.post(SettingsSaved(settings))


class Client(ApiClient):
    """Sends requests to the real API, but none to NVD. verdict: None if NVD is not reachable."""

    def __init__(self, api: ApiProcess, verdict: KeyVerdict | None) -> None:
        super().__init__(f"http://127.0.0.1:{api.port}", wait_s=15)
        self.verdict = verdict

    def try_nvd_key(self, key: str) -> KeyVerdict:
        if self.verdict is None:
            raise ApiSilent("no answer within 30 s")
        return self.verdict


def saved(program: Program) -> list[UserSettings]:
    return [call[1] for call in program.calls if call[0] == "save_settings"]


def latest(program: Program) -> UserSettings:
    return [UserSettings(), *saved(program)][-1]


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))
