"""Reports: what the scheduled ones are about, the folder that they are written into, and their mail."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton

from backend.contract.report import ReportFormat, ReportScope
from backend.contract.settings import MailSettings, ReportSettings, UserSettings
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.pages.settings.mail_form import MailForm
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.widgets.text import Code


class ReportsSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Reports"))
        self._context = context
        self.add_remark(
            self.tr(
                "A report says what is new, exploited, fixed and overdue since the last one, and what to update. The"
                " schedule says when one is written; until you turn it on there, none is."
            )
        )
        self.format, self.scope, self.folder = QComboBox(), QComboBox(), Code()
        self.choose, self.forget = QPushButton(self.tr("Choose folder…")), QPushButton(self.tr("Use data folder"))
        self.open, self.times = QPushButton(self.tr("Open folder")), QPushButton(self.tr("Open schedule"))
        self.mail = MailForm(context)
        self._fill()
        self._connect()

    def load(self) -> None:
        self.mail.load()

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        report = settings.report
        for box, value in ((self.format, report.format), (self.scope, report.scope)):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(value.value))
        self.folder.setText(plain(str(self._context.actions.report_folder(settings))))
        self.forget.setVisible(bool(report.folder))
        self.mail.show_settings(report.mail)

    def use_folder(self, path: str) -> None:
        """Have reports written into a folder; empty: into the data folder."""
        self._change(folder=path)

    def _choose_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, self.tr("Choose a folder for reports")):
            self.use_folder(str(Path(name)))

    def _open_folder(self) -> None:
        """Open the folder; before the first report, its parent if it is not there."""
        folder = self._context.actions.report_folder(self.saver.settings)
        shown = folder if folder.is_dir() else self._context.actions.home
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown)))

    def _mail_changed(self, mail: MailSettings) -> None:
        self._change(mail=mail)

    def _connect(self) -> None:
        self.format.activated.connect(lambda: self._change(format=ReportFormat(self.format.currentData())))
        self.scope.activated.connect(lambda: self._change(scope=ReportScope(self.scope.currentData())))
        self.choose.clicked.connect(self._choose_folder)
        self.forget.clicked.connect(lambda: self.use_folder(""))
        self.open.clicked.connect(self._open_folder)
        self.times.clicked.connect(lambda: self._context.open(PageName.SCHEDULE, "write-report"))
        self.mail.submitted.connect(self._mail_changed)
        self.mail.failed.connect(self.failed)

    def _fill(self) -> None:
        for form in ReportFormat:
            self.format.addItem(form.upper(), form.value)
        for scope, words in _scopes().items():
            self.scope.addItem(words, scope.value)
        self.folder.setWordWrap(True)
        for words, box in ((self.tr("&About"), self.scope), (self.tr("&Form"), self.format)):
            label = QLabel(words)
            label.setBuddy(box)
            self.body.addLayout(row(label, box, stretch=True))
        self.body.addWidget(self.folder)
        self.body.addLayout(row(self.choose, self.forget, self.open, self.times, stretch=True))
        self.body.addWidget(self.mail)

    def _change(self, **changes: str | ReportFormat | ReportScope | MailSettings) -> None:
        def edit(settings: UserSettings) -> UserSettings:
            report: ReportSettings = settings.report.model_copy(update=changes)
            return settings.model_copy(update={"report": report})

        self.change(edit)


def _scopes() -> dict[ReportScope, str]:
    return {
        ReportScope.MINE: translate("settings", "What is installed or watched"),
        ReportScope.EXPLOITED: translate("settings", "All that is exploited"),
        ReportScope.ALL: translate("settings", "All that happened"),
    }
