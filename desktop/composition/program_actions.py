"""The actions of the windows, carried out with the supervisor, the settings file and the host."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.contract.environment import Environment
from backend.contract.problems import Diagnosis, Remedy
from backend.contract.settings import StackKind, UserSettings
from desktop import role
from desktop.composition.database_name import database_name
from desktop.diagnostics.report import ReportInput, write_report
from desktop.host import start_at_login, starts_at_login
from desktop.settings.secrets import NVD_KEY, KeySource, Secrets
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.detection import DockerDetection
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.supervision.plan import NVD_KEY_USERS, affected_services
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

    def nvd_key_source(self) -> KeySource:
        if os.environ.get(NVD_KEY):
            return KeySource.ENVIRONMENT
        if self._secrets.get(NVD_KEY):
            return KeySource.STORED
        return KeySource.FILE if self._environment.nvd_api_key else KeySource.NONE

    def save_nvd_key(self, key: str) -> bool:
        in_keyring = self._secrets.put(NVD_KEY, key)
        self._dependencies.reread_secrets()
        self._restart(NVD_KEY_USERS)
        return in_keyring

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
        key = self._secrets.get(NVD_KEY)
        secrets = (key,) if key else ()
        report = ReportInput(self.home, self.log_folder, self._store.state, diagnosis, os.environ, secrets)
        write_report(target, report)

    def database_name(self) -> str:
        return database_name(self._environment, self._store.state.stack)

    def data_size(self) -> int:
        return sum(map(_size, self.home.rglob("*")))

    def scan_now(self) -> None:
        self._dependencies.scan_now()

    def quit(self) -> None:
        self._quit()

    def _stack_of(self, settings: UserSettings) -> StackKind:
        return self._environment.stack_with(settings)

    def _restart(self, names: frozenset[str]) -> None:
        for name in names:
            self.restart_service(name)


def _size(path: Path) -> int:
    """Return 0 for a file that was deleted meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
