"""What the windows may ask, done with the engine, the settings file and the machine."""

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
from desktop.diagnostics.report import Evidence, save_bundle
from desktop.host import start_at_login, starts_at_login
from desktop.settings.secrets import NVD_KEY, KeyPlace, Secrets
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.survey import Survey
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.supervision.plan import NVD_KEY_USERS, concerned
from desktop.supervision.session import SupervisorThread


@dataclass(frozen=True)
class ActionDependencies:
    """What knows the doctor, Docker and the secrets. Each may wait, and raise OpenThreatError."""

    diagnose: Callable[[], Diagnosis]
    survey_docker: Callable[[], Survey]
    remedies: Mapping[Remedy, Callable[[], None]]
    reread_secrets: Callable[[], None]


class ProgramActions:
    def __init__(
        self,
        environment: Environment,
        store: StateStore,
        engine: SupervisorThread,
        file: SettingsFile,
        secrets: Secrets,
        means: ActionDependencies,
        quit_program: Callable[[], None],
    ) -> None:
        self._environment, self._store, self._engine = environment, store, engine
        self._file, self._secrets, self._means, self._quit = file, secrets, means, quit_program
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
        if self._engine.program is not None:
            self._engine.program.start(name)

    def stop_service(self, name: str) -> None:
        if self._engine.program is not None:
            self._engine.program.stop(name)

    def restart_service(self, name: str) -> None:
        if self._engine.program is not None:
            self._engine.program.restart(name)

    def save_settings(self, settings: UserSettings) -> None:
        with self._saving:
            before = self._store.state.settings
            self._file.save(settings)
            self._store.post(SettingsSaved(settings))
            if self._engine.program is None or self._stack_of(before) is not self._stack_of(settings):
                self._engine.run(settings)
            else:
                self._restart(concerned(before, settings))

    def starts_at_login(self) -> bool:
        return starts_at_login()

    def start_at_login(self, on: bool) -> None:
        start_at_login(on, [*role.tray_command(), "--hidden"])

    def nvd_key_place(self) -> KeyPlace:
        if os.environ.get(NVD_KEY):
            return KeyPlace.ENVIRONMENT
        if self._secrets.get(NVD_KEY):
            return KeyPlace.KEPT
        return KeyPlace.FILE if self._environment.nvd_api_key else KeyPlace.NOWHERE

    def keep_nvd_key(self, key: str) -> bool:
        in_keyring = self._secrets.put(NVD_KEY, key)
        self._means.reread_secrets()
        self._restart(NVD_KEY_USERS)
        return in_keyring

    def survey_docker(self) -> Survey:
        return self._means.survey_docker()

    def remedy(self, remedy: Remedy) -> None:
        if remedy is Remedy.TRY_AGAIN:
            self.start_service()
        elif remedy is Remedy.USE_EMBEDDED:
            self.save_settings(self._store.state.settings.model_copy(update={"stack": StackKind.EMBEDDED}))
        else:
            self._means.remedies[remedy]()

    def diagnose(self) -> Diagnosis:
        return self._means.diagnose()

    def save_report(self, target: Path, diagnosis: Diagnosis | None) -> None:
        kept = self._secrets.get(NVD_KEY)
        view = self._store.state
        save_bundle(target, Evidence(self.home, self.log_folder, view, diagnosis, os.environ, (kept,) if kept else ()))

    def data_size(self) -> int:
        return sum(map(_size, self.home.rglob("*")))

    def quit(self) -> None:
        self._quit()

    def _stack_of(self, settings: UserSettings) -> StackKind:
        return self._environment.stack_with(settings)

    def _restart(self, names: frozenset[str]) -> None:
        for name in names:
            self.restart_service(name)


def _size(path: Path) -> int:
    """Files come and go meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
