"""Actions that record their calls."""

from __future__ import annotations

import threading
from pathlib import Path

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import Remedy
from backend.contract.settings import MailSettings, UserSettings, report_folder
from desktop.settings.secrets import SecretSource
from desktop.stack.docker.detection import DockerDetection


class RecordingActions:
    """`calls` has each call as (name, arguments...); `failing` is raised by each action that can fail."""

    def __init__(self, home: Path, survey: DockerDetection) -> None:
        self.home, self.log_folder = home, home / "logs"
        self.stack_is_fixed = self.network_is_fixed = False
        self.database = "of the tests"
        self.calls: list[tuple[object, ...]] = []
        self.failing: OpenThreatError | None = None
        self.docker = survey
        self.key_place = self.password_place = self.mail_place = SecretSource.NONE
        self.at_login = False
        self.diagnosis = Diagnosis.of(
            [
                CheckResult(name="database", state=CheckState.OK, title="The database answers", message="SQLite 3.40"),
                CheckResult(
                    name="sources",
                    state=CheckState.WARNING,
                    title="EUVD is out of date",
                    message="The last good update was yesterday.",
                    remedy="Update now, or look at the last run.",
                ),
            ]
        )
        self._lock = threading.Lock()

    def database_name(self) -> str:
        return self.database

    def start_service(self, name: str | None = None) -> None:
        self._record("start_service", name)

    def stop_service(self, name: str) -> None:
        self._record("stop_service", name)

    def restart_service(self, name: str) -> None:
        self._record("restart_service", name)

    def save_settings(self, settings: UserSettings) -> None:
        self._record("save_settings", settings)

    def starts_at_login(self) -> bool:
        return self.at_login

    def start_at_login(self, on: bool) -> None:
        self._record("start_at_login", on)
        self.at_login = on

    def nvd_key_source(self) -> SecretSource:
        return self.key_place

    def save_nvd_key(self, key: str) -> bool:
        self._record("save_nvd_key", key)
        self.key_place = SecretSource.STORED if key else SecretSource.NONE
        return True

    def proxy_password_source(self) -> SecretSource:
        return self.password_place

    def save_proxy_password(self, password: str) -> bool:
        self._record("save_proxy_password", password)
        self.password_place = SecretSource.STORED if password else SecretSource.NONE
        return True

    def mail_password_source(self) -> SecretSource:
        return self.mail_place

    def save_mail_password(self, password: str) -> bool:
        self._record("save_mail_password", password)
        self.mail_place = SecretSource.STORED if password else SecretSource.NONE
        return True

    def send_test_mail(self, settings: MailSettings, password: str) -> str:
        self._record("send_test_mail", settings, password)
        return ""

    def report_folder(self, settings: UserSettings) -> Path:
        return report_folder(self.home, settings)

    def check_certificates(self, path: Path) -> None:
        self._record("check_certificates", path)

    def detect_docker(self) -> DockerDetection:
        return self.docker

    def remedy(self, remedy: Remedy) -> None:
        self._record("remedy", remedy)

    def diagnose(self) -> Diagnosis:
        self._record("diagnose")
        return self.diagnosis

    def save_report(self, target: Path, diagnosis: Diagnosis | None) -> None:
        self._record("save_report", target, diagnosis)
        target.write_bytes(b"zip")

    def data_size(self) -> int:
        return 734_003_200

    def database_size(self) -> int | None:
        return 612_000_000

    def scan_now(self) -> None:
        self._record("scan_now")

    def quit(self) -> None:
        self._record("quit")

    def _record(self, *call: object) -> None:
        with self._lock:
            self.calls.append(call)
        if self.failing is not None:
            raise self.failing
