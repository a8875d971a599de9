"""The actions of the windows, carried out with the supervisor, the settings file and the host."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.contract.diagnosis import Diagnosis
from backend.contract.environment import Environment
from backend.contract.problem_catalogue import Remedy
from backend.contract.proxy import ProxyMode
from backend.contract.settings import MailSettings, StackKind, UserSettings, report_folder
from backend.network.access import network_access
from backend.secret_store import Secrets
from desktop import role
from desktop.composition.database_name import database_name
from desktop.diagnostics.report import ReportInput, write_report
from desktop.host import start_at_login, starts_at_login
from desktop.settings.secrets import ALL_SECRETS, MAIL_PASSWORD, NVD_KEY, PROXY_PASSWORD, SecretSource
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.detection import DockerDetection
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.supervision.plan import MAIL_USERS, NETWORK_USERS, NVD_KEY_USERS, affected_services
from desktop.supervision.session import SupervisorThread


@dataclass(frozen=True)
class ActionDependencies:
    """Functions that the actions call. Each may block and may raise OpenThreatError."""

    diagnose: Callable[[], Diagnosis]
    detect_docker: Callable[[], DockerDetection]
    remedies: Mapping[Remedy, Callable[[], None]]
    reread_secrets: Callable[[], None]
    scan_now: Callable[[], None]


class ProgramActions:
    def __init__(
        self,
        environment: Environment,
        store: StateStore,
        supervisor: SupervisorThread,
        file: SettingsFile,
        secrets: Secrets,
        dependencies: ActionDependencies,
        quit_program: Callable[[], None],
    ) -> None:
        self._environment, self._store, self._supervisor = environment, store, supervisor
        self._file, self._secrets, self._dependencies = file, secrets, dependencies
        self._quit = quit_program
        self._saving = threading.Lock()

    @property
    def home(self) -> Path:
        return self._environment.home

    @property
    def log_folder(self) -> Path:
        return self._environment.log_folder

    @property
    def stack_is_fixed(self) -> bool:
        return self._environment.fixed_stack is not None

    def start_service(self, name: str | None = None) -> None:
        if self._supervisor.session is not None:
            self._supervisor.session.start(name)

    def stop_service(self, name: str) -> None:
        if self._supervisor.session is not None:
            self._supervisor.session.stop(name)

    def restart_service(self, name: str) -> None:
        if self._supervisor.session is not None:
            self._supervisor.session.restart(name)

    def save_settings(self, settings: UserSettings) -> None:
        with self._saving:
            before = self._store.state.settings
            self._file.save(settings)
            self._store.post(SettingsSaved(settings))
            if self._supervisor.session is None or self._stack_of(before) is not self._stack_of(settings):
                self._supervisor.run(settings)
            else:
                self._restart(affected_services(before, settings))

    def starts_at_login(self) -> bool:
        return starts_at_login()

    def start_at_login(self, on: bool) -> None:
        start_at_login(on, [*role.tray_command(), "--hidden"])

    def nvd_key_source(self) -> SecretSource:
        return self._source_of(NVD_KEY, in_file=self._environment.nvd_api_key is not None)

    def save_nvd_key(self, key: str) -> bool:
        return self._save_secret(NVD_KEY, key, NVD_KEY_USERS)

    @property
    def network_is_fixed(self) -> bool:
        return self._environment.proxy is not None

    def proxy_password_source(self) -> SecretSource:
        return self._source_of(PROXY_PASSWORD, in_file=self._environment.proxy_password is not None)

    def save_proxy_password(self, password: str) -> bool:
        in_use = self._store.state.settings.network.proxy is ProxyMode.MANUAL
        return self._save_secret(PROXY_PASSWORD, password, NETWORK_USERS if in_use else frozenset())

    def mail_password_source(self) -> SecretSource:
        return self._source_of(MAIL_PASSWORD, in_file=self._environment.mail_password is not None)

    def save_mail_password(self, password: str) -> bool:
        in_use = self._store.state.settings.report.mail.enabled
        return self._save_secret(MAIL_PASSWORD, password, MAIL_USERS if in_use else frozenset())

    def send_test_mail(self, settings: MailSettings, password: str) -> str:
        from backend.network.mail import MailServer, send_test_mail  # imports requests, which the tray rarely needs

        given = self._environment.mail_password.get_secret_value() if self._environment.mail_password else ""
        used = password or os.environ.get(MAIL_PASSWORD) or self._secrets.get(MAIL_PASSWORD) or given
        access = network_access(self._environment, self._store.state.settings)
        return send_test_mail(MailServer(settings, used, access.ca_file))

    def report_folder(self, settings: UserSettings) -> Path:
        return report_folder(self.home, settings)

    def check_certificates(self, path: Path) -> None:
        from backend.network.session import check_certificates  # imports requests, which the tray rarely needs

        check_certificates(path)

    def detect_docker(self) -> DockerDetection:
        return self._dependencies.detect_docker()

    def remedy(self, remedy: Remedy) -> None:
        if remedy is Remedy.TRY_AGAIN:
            self.start_service()
        elif remedy is Remedy.USE_EMBEDDED:
            self.save_settings(self._store.state.settings.model_copy(update={"stack": StackKind.EMBEDDED}))
        else:
            self._dependencies.remedies[remedy]()

    def diagnose(self) -> Diagnosis:
        return self._dependencies.diagnose()

    def save_report(self, target: Path, diagnosis: Diagnosis | None) -> None:
        secrets = tuple(filter(None, map(self._secrets.get, ALL_SECRETS)))
        report = ReportInput(self.home, self.log_folder, self._store.state, diagnosis, os.environ, secrets)
        write_report(target, report)

    def database_name(self) -> str:
        return database_name(self._environment, self._store.state.stack)

    def data_size(self) -> int:
        return sum(map(_size, self.home.rglob("*")))

    def database_size(self) -> int | None:
        if self._store.state.stack is not StackKind.EMBEDDED:
            return None
        file = self._environment.database_file
        return sum(map(_size, file.parent.glob(f"{file.name}*")))  # with SQLite's journal

    def scan_now(self) -> None:
        self._dependencies.scan_now()

    def quit(self) -> None:
        self._quit()

    def _stack_of(self, settings: UserSettings) -> StackKind:
        return self._environment.stack_with(settings)

    def _source_of(self, name: str, *, in_file: bool) -> SecretSource:
        if os.environ.get(name):
            return SecretSource.ENVIRONMENT
        if self._secrets.get(name):
            return SecretSource.STORED
        return SecretSource.FILE if in_file else SecretSource.NONE

    def _save_secret(self, name: str, secret: str, users: frozenset[str]) -> bool:
        in_keyring = self._secrets.put(name, secret)
        self._dependencies.reread_secrets()
        self._restart(users)
        return in_keyring

    def _restart(self, names: frozenset[str]) -> None:
        for name in names:
            self.restart_service(name)


def _size(path: Path) -> int:
    """Return 0 for a file that was deleted meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
