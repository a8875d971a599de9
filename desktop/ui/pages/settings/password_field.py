"""The field of a password that is kept as a secret."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from desktop.settings.secrets import SecretSource
from desktop.ui.formatting import translate


class PasswordField(QLineEdit):
    """It never holds the stored password, and says instead where that comes from.

    Args:
        variable: The name of the variable that replaces the stored password.
    """

    def __init__(self, variable: str) -> None:
        super().__init__()
        self._variable = variable
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def show_source(self, source: SecretSource) -> None:
        """Say where the password comes from; one of the environment can only be changed there."""
        self.setEnabled(source is not SecretSource.ENVIRONMENT)
        self.setPlaceholderText(
            {
                SecretSource.ENVIRONMENT: translate("settings", "Set by the variable {0}").format(self._variable),
                SecretSource.STORED: translate("settings", "Saved"),
                SecretSource.FILE: translate("settings", "Set in the file {0}").format(".env"),
                SecretSource.NONE: translate("settings", "None"),
            }[source]
        )
