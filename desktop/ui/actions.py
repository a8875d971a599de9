"""The interface of the program's actions for the windows.

Calls marked "may block" use disks, the keyring or other programs; windows run them in the background.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from backend.contract.diagnosis import Diagnosis
from backend.contract.problem_catalogue import Remedy
from backend.contract.settings import MailSettings, UserSettings
from desktop.settings.secrets import SecretSource
from desktop.stack.docker.detection import DockerDetection


class Actions(Protocol):
    @property
    def home(self) -> Path:
        """The data folder."""

    @property
    def log_folder(self) -> Path: ...

    @property
    def stack_is_fixed(self) -> bool:
        """Whether environment variables set the stack, so that it cannot be changed here."""

    def start_service(self, name: str | None = None) -> None:
        """Start one service, or all of them without a name."""

    def stop_service(self, name: str) -> None: ...

    def restart_service(self, name: str) -> None: ...

    def save_settings(self, settings: UserSettings) -> None:
        """Save settings and restart the services that they affect; may block. Another stack replaces the running one.

        Raises:
            OpenThreatError: nothing was changed.
        """

    def starts_at_login(self) -> bool:
        """Whether the system starts the program at sign-in; may block."""

    def start_at_login(self, on: bool) -> None:
        """Switch the start at sign-in on or off; may block.

        Raises:
            OpenThreatError: the system refused it.
        """

    def nvd_key_source(self) -> SecretSource:
        """Where the NVD API key comes from; may block."""

    def save_nvd_key(self, key: str) -> bool:
        """Save the NVD API key and restart the service that uses it; may block.

        Args:
            key: empty to remove the saved one.

        Returns:
            Whether the key is in the system's keyring; otherwise it is in a file that only the user can read.

        Raises:
            OpenThreatError: the key could not be saved.
        """

    @property
    def network_is_fixed(self) -> bool:
        """Whether an environment variable sets the proxy, so that it cannot be changed here."""

    def proxy_password_source(self) -> SecretSource:
        """Where the proxy's password comes from; may block."""

    def save_proxy_password(self, password: str) -> bool:
        """Save the proxy's password and restart the services that use it; may block. As `save_nvd_key` otherwise."""

    def mail_password_source(self) -> SecretSource:
        """Where the mail server's password comes from; may block."""

    def save_mail_password(self, password: str) -> bool:
        """Save the password of the mail server and restart the service that uses it; may block. As `save_nvd_key`."""

    def send_test_mail(self, settings: MailSettings, password: str) -> str:
        """Send a mail to the recipients; may block for a minute.

        Args:
            password: empty: the one that is stored.

        Returns:
            What the server did not accept, in words; empty where all recipients get it.

        Raises:
            OpenThreatError: it was not sent.
        """

    def report_folder(self, settings: UserSettings) -> Path:
        """The folder that reports are written into by these settings."""

    def check_certificates(self, path: Path) -> None:
        """Try to read a file of certificate authorities; may block.

        Raises:
            OpenThreatError: it has no certificate.
        """

    def detect_docker(self) -> DockerDetection:
        """Find out whether Docker is installed and running; may block."""

    def remedy(self, remedy: Remedy) -> None:
        """Carry out the remedy of a problem; may block.

        Raises:
            OpenThreatError: it could not be carried out.
        """

    def diagnose(self) -> Diagnosis:
        """Run the checks of `openthreat doctor`; may block for up to a minute.

        Raises:
            OpenThreatError: the checks could not be run.
        """

    def save_report(self, target: Path, diagnosis: Diagnosis | None) -> None:
        """Write a ZIP file for support, without secrets; may block.

        Raises:
            OpenThreatError: it could not be written.
        """

    def database_name(self) -> str:
        """Name the database in use, differently from every other one; may block."""

    def data_size(self) -> int:
        """Number of bytes in the data folder; may block."""

    def database_size(self) -> int | None:
        """Number of bytes of the built-in database; None if the data are on a server; may block."""

    def scan_now(self) -> None:
        """Look at what is installed on this PC, as soon as the API takes the result."""

    def quit(self) -> None: ...
