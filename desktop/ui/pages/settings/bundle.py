"""Without internet: save all that the sources state as one file, or load such a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from backend.contract.bundle import SUFFIX, BundleAccepted
from backend.contract.problems import Problem
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.formatting import day, one_line, size, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row


class BundleSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""
    done = Signal(str)
    """What was done, as a sentence."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Without internet"))
        self._context, self._busy = context, False
        self.add_remark(
            self.tr(
                "Save the data of all sources as one file, a bundle, and load it on a PC without internet. Data that"
                " are newer there stay."
            )
        )
        self.save, self.load_file = QPushButton(self.tr("Save a file…")), QPushButton(self.tr("Load a file…"))
        self.save.clicked.connect(self._choose_target)
        self.load_file.clicked.connect(self._choose_file)
        self.progress = self.add_remark("")
        self.body.addLayout(row(self.save, self.load_file, stretch=True))
        self.progress.setVisible(False)

    def show_state(self, state: AppState) -> None:
        """Offer to save once there are data."""
        stats, ready = state.snapshot.stats if state.snapshot else None, state.snapshot is not None
        self.save.setEnabled(not self._busy and bool(stats and stats.total_vulnerabilities))
        self.load_file.setEnabled(not self._busy and ready)

    def save_to(self, path: Path) -> None:
        self._begin(self.tr("Saving. This takes a minute or two."))
        self._context.ask(
            lambda client: client.save_bundle(path), lambda count: self._saved(path, count), self._refused, owner=self
        )

    def load_from(self, path: Path) -> None:
        self._begin(self.tr("Checking the file"))
        self._context.ask(lambda client: client.load_bundle(path), self._accepted, self._refused, owner=self)

    def _choose_target(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = str(Path(folder) / f"openthreat-{day(utc_now())}{SUFFIX}")
        kinds = self.tr("Data of OpenThreat (*{0})").format(SUFFIX)
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save all data"), proposed, kinds)
        if name:
            self.save_to(Path(name))

    def _choose_file(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        kinds = f"{self.tr('Data of OpenThreat (*{0})').format(SUFFIX)};;{self.tr('All files (*)')}"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Load data"), folder, kinds)
        if name:
            self.load_from(Path(name))

    def _saved(self, path: Path, count: int) -> None:
        self._end()
        self.done.emit(self.tr("Saved {0}, {1}").format(one_line(path.name), size(count)))

    def _accepted(self, accepted: BundleAccepted) -> None:
        self._end()
        now = self.tr("The file is being loaded. The progress is under Tasks.")
        self.done.emit(now if accepted.task_id else self.tr("The file is loaded when the running update has ended."))

    def _refused(self, problem: Problem) -> None:
        self._end()
        self.failed.emit(problem)

    def _begin(self, words: str) -> None:
        self._busy = True
        self.progress.setText(words)
        self.progress.setVisible(True)
        self.show_state(self._context.state)

    def _end(self) -> None:
        self._busy = False
        self.progress.setVisible(False)
        self.show_state(self._context.state)
