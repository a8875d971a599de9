"""Fetches the record that is to be read, once whoever moves through the list has stopped for a moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from backend.contract.problems import Trouble
from desktop.ui.page_context import Desk, Request
from desktop.ui.pages.vulnerabilities.record.content import fetch
from desktop.ui.pages.vulnerabilities.record.pane import Pane

_PAUSE_MS = 60


class Reader(QObject):
    def __init__(self, desk: Desk, pane: Pane) -> None:
        super().__init__(pane)
        self._desk, self._pane = desk, pane
        self._cve_id = ""
        self._request: Request | None = None
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.refresh)

    def read(self, cve_id: str) -> None:
        if cve_id != self._cve_id:
            self._cve_id = cve_id
            self._pause.start()

    def refresh(self) -> None:
        """The same record again: it may have changed."""
        if self._request is not None:
            self._request.forget()
        if cve_id := self._cve_id:
            self._request = self._desk.ask(
                lambda client: fetch(client, cve_id), self._pane.show_content, self._failed, owner=self
            )

    def _failed(self, trouble: Trouble) -> None:
        """What is read already stays, whatever happens to the API."""
        shown = self._pane.content
        if shown is None or shown.cve_id != self._cve_id:
            self._pane.tell_trouble(trouble.title, trouble.message)
            self._cve_id = ""  # so that choosing it again asks again
