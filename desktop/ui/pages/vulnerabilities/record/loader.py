"""Fills the pane of a record: with the selected one, and with what is asked for in addition."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from backend.contract.problems import Problem
from backend.contract.record_details import EpssTrend, SourceComparison
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.vulnerabilities.record.content import fetch
from desktop.ui.pages.vulnerabilities.record.pane import RecordPane
from desktop.ui.widgets.problem_texts import problem_message, problem_title

_DELAY_MS = 60


class RecordLoader(QObject):
    """Loads the selected record once the selection has not changed for a moment."""

    def __init__(self, context: PageContext, pane: RecordPane) -> None:
        super().__init__(pane)
        self._context, self._pane = context, pane
        self._cve_id = ""
        self._request: Request | None = None
        self._delay = QTimer(self, interval=_DELAY_MS, singleShot=True)
        self._delay.timeout.connect(self.refresh)
        pane.comparison_wanted.connect(self._compare)
        pane.trend_wanted.connect(self._ask_first)

    def load(self, cve_id: str) -> None:
        if cve_id != self._cve_id:
            self._cve_id = cve_id
            self._delay.start()

    def refresh(self) -> None:
        """Load the record again, since it may have changed."""
        if self._request is not None:
            self._request.forget()
        if cve_id := self._cve_id:
            machine = self._context.state.scan.machine
            self._request = self._context.ask(
                lambda client: fetch(client, cve_id, machine), self._pane.show_content, self._failed, owner=self
            )

    def _failed(self, problem: Problem) -> None:
        """Show the error, unless the record is shown already."""
        shown = self._pane.content
        if shown is None or shown.cve_id != self._cve_id:
            self._pane.show_problem(problem_title(problem), problem_message(problem))
            self._cve_id = ""  # so that selecting it again loads it again

    def _compare(self, cve_id: str) -> None:
        def show(comparison: SourceComparison) -> None:
            if self._shows(comparison.cve_id):
                self._pane.comparison.show_comparison(comparison)

        self._context.ask(
            lambda client: client.source_comparison(cve_id), show, self._pane.comparison.show_failure, owner=self
        )

    def _ask_first(self, cve_id: str) -> None:
        view = self._pane.summary.trend

        def show(trend: EpssTrend) -> None:
            if self._shows(trend.cve_id):
                view.show_trend(trend)

        self._context.ask(lambda client: client.request_epss_trend(cve_id), show, view.show_failure, owner=self)

    def _shows(self, cve_id: str) -> bool:
        return self._pane.content is not None and self._pane.content.cve_id == cve_id
