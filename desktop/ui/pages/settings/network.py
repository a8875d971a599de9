"""How the internet is reached: the proxy, and a file of certificate authorities."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton

from backend.contract.proxy import ProxyMode
from backend.contract.settings import NetworkSettings, UserSettings
from desktop.ui.formatting import plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.proxy_form import ProxyForm
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.widgets.text import Code


class NetworkSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Network"))
        self._context, self._is_drafting = context, False
        self.mode, label, self.form = QComboBox(), QLabel(self.tr("&Proxy")), ProxyForm(context)
        label.setBuddy(self.mode)
        for mode, words in _modes().items():
            self.mode.addItem(words, mode.value)
        self._fixed = self.add_remark(
            self.tr("Set by the environment variable {0}. Change it there.").format("OPENTHREAT_PROXY")
        )
        self.body.addLayout(row(label, self.mode, stretch=True))
        self.body.addWidget(self.form)
        self.add_remark(
            self.tr(
                "Proxy scripts (PAC) are not supported. If the system uses one, choose Manual and enter the address."
            )
        )
        self._add_certificates()
        self.mode.activated.connect(self._mode_chosen)
        self.form.submitted.connect(self._submitted)
        self.form.failed.connect(self.failed)

    def load(self) -> None:
        self.form.load()

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        network, fixed = settings.network, self._context.actions.network_is_fixed
        shown = ProxyMode.MANUAL if self._is_drafting else network.proxy
        with QSignalBlocker(self.mode):
            self.mode.setCurrentIndex(self.mode.findData(shown.value))
        self._fixed.setVisible(fixed)
        self.mode.setEnabled(not fixed)
        self.form.setVisible(shown is ProxyMode.MANUAL and not fixed)
        self.form.show_settings(network)
        self.file.setText(plain(network.ca_file))
        self.file.setVisible(bool(network.ca_file))
        self.remove.setVisible(bool(network.ca_file))

    def trust_file(self, path: Path) -> None:
        """Trust the certificate authorities in a file, if it has any."""
        self._context.work(
            lambda: self._context.actions.check_certificates(path),
            lambda _: self._change(ca_file=str(path)),
            self.failed.emit,
            owner=self,
        )

    def _mode_chosen(self) -> None:
        """Save the choice; a manual proxy only once its address is known."""
        mode = ProxyMode(self.mode.currentData())
        self._is_drafting = mode is ProxyMode.MANUAL and not self.saver.settings.network.proxy_address
        if self._is_drafting:
            self.show_settings(self.saver.settings)
            self.form.address.setFocus()
        else:
            self._change(proxy=mode)
            self.show_settings(self.saver.settings)

    def _submitted(self, address: str, user: str) -> None:
        self._is_drafting = False
        self._change(proxy=ProxyMode.MANUAL, proxy_address=address, proxy_user=user)

    def _add_certificates(self) -> None:
        self.file, choose = Code(), QPushButton(self.tr("Choose certificate file…"))
        self.file.setWordWrap(True)
        self.remove = QPushButton(self.tr("Remove"))
        self.remove.setAccessibleName(self.tr("Do not trust the certificate file"))
        choose.clicked.connect(self._choose_file)
        self.remove.clicked.connect(lambda: self._change(ca_file=""))
        self.add_remark(
            self.tr(
                "Connections are trusted as the system trusts them. Where a company inspects connections and the "
                "system does not know its certificate, choose it here."
            )
        )
        self.body.addWidget(self.file)
        self.body.addLayout(row(choose, self.remove, stretch=True))

    def _choose_file(self) -> None:
        kinds = self.tr("Certificates (*.pem *.crt *.cer *.der);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose certificate file"), "", kinds)
        if name:
            self.trust_file(Path(name))

    def _change(self, **changes: str) -> None:
        def edit(settings: UserSettings) -> UserSettings:
            network: NetworkSettings = settings.network.model_copy(update=changes)
            return settings.model_copy(update={"network": network})

        self.change(edit)


def _modes() -> dict[ProxyMode, str]:
    return {
        ProxyMode.SYSTEM: translate("settings", "Use system setting"),
        ProxyMode.NONE: translate("settings", "No proxy"),
        ProxyMode.MANUAL: translate("settings", "Manual"),
    }
