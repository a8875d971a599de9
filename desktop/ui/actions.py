"""What the windows may ask of the program.

Calls marked "may wait" touch disks, the keyring or other programs: windows make them in the background.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from backend.contract.problems import Diagnosis, Remedy
from backend.contract.settings import UserSettings
from desktop.settings.secrets import KeySource
from desktop.stack.docker.detection import DockerDetection


class Actions(Protocol):
    @property
    def home(self) -> Path:
        """The data folder."""

    @property
    def log_folder(self) -> Path: ...

    @property
    def stack_is_fixed(self) -> bool:
        """The environment names the stack, so it cannot be chosen here."""

    def start_service(self, name: str | None = None) -> None:
        """None: all of them."""

    def stop_service(self, name: str) -> None: ...

    def restart_service(self, name: str) -> None: ...

    def save_settings(self, settings: UserSettings) -> None:
        """May wait. Saves, and restarts the services concerned; another stack is put in place of the running one.

        Raises OpenThreatError; then nothing has changed.
        """

    def starts_at_login(self) -> bool:
        """May wait."""

    def start_at_login(self, on: bool) -> None:
        """May wait. Raises OpenThreatError."""

    def nvd_key_source(self) -> KeySource:
        """May wait."""

    def save_nvd_key(self, key: str) -> bool:
        """May wait. Keeps it and restarts who uses it; empty: forgets it. Raises OpenThreatError.

        True: it is in the system's keyring; False: there is none, so it is in a file that only the user can read.
        """

    def detect_docker(self) -> DockerDetection:
        """May wait. What there is of Docker on this machine."""

    def remedy(self, remedy: Remedy) -> None:
        """May wait: does what the button of a trouble promises. Raises OpenThreatError."""

    def diagnose(self) -> Diagnosis:
        """May wait, up to a minute: what `openthreat doctor` finds. Raises OpenThreatError."""

    def save_report(self, target: Path, diagnosis: Diagnosis | None) -> None:
        """May wait. A zip file for support, without secrets. Raises OpenThreatError where it cannot be written."""

    def data_size(self) -> int:
        """May wait. Bytes in the data folder."""

    def quit(self) -> None: ...
