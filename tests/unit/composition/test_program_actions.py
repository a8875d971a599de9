"""The windows' actions reach supervisor, settings file and secrets, and restart only what they affect."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

from backend.contract.diagnosis import Diagnosis
from backend.contract.environment import Environment, read_environment
from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.contract.problem_catalogue import Remedy
from backend.contract.proxy import ProxyMode
from backend.contract.settings import NetworkSettings, StackKind, ThemeChoice, UserSettings
from backend.secret_store import PrivateFiles, Secrets
from desktop.composition.program_actions import ActionDependencies, ProgramActions
from desktop.settings.secrets import NVD_KEY, SecretSource
from desktop.settings.settings_file import SettingsFile
from desktop.stack.docker.detection import DockerDetection
from desktop.stack.docker.states import DockerState
from desktop.state.app_state import AppState, SettingsSaved, StateStore
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from desktop.supervision.session import SupervisorThread


class RecordingSupervisor:
    """Stands in for the supervisor thread and for its session."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.session: RecordingSupervisor | None = self

    def run(self, settings: UserSettings) -> None:
        self.calls.append(("run", settings.stack))

    def start(self, service: str | None = None) -> None:
        self.calls.append(("start", service))

    def stop(self, service: str) -> None:
        self.calls.append(("stop", service))

    def restart(self, service: str) -> None:
        self.calls.append(("restart", service))


class Stage:
    def __init__(self, home: Path, **environment: object) -> None:
        self.home, self.supervisor, self.reread = home, RecordingSupervisor(), list[int]()
        chosen = UserSettings(stack=StackKind.EMBEDDED)
        self.store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED, chosen))
        dependencies = ActionDependencies(
            lambda: Diagnosis.of([]),
            lambda: DockerDetection(DockerState.READY),
            {Remedy.START_DOCKER: lambda: self.supervisor.calls.append(("docker", None))},
            lambda: self.reread.append(1),
            lambda: self.supervisor.calls.append(("scan", None)),
        )
        self.secrets = Secrets(PrivateFiles(home / "keyring"), PrivateFiles(home))
        (home / "keyring").mkdir()
        self.actions = ProgramActions(
            Environment(home=home, **environment),
            self.store,
            cast(SupervisorThread, self.supervisor),
            SettingsFile(home),
            self.secrets,
            dependencies,
            lambda: self.supervisor.calls.append(("quit", None)),
        )

    def saves(self, **changes: object) -> list[tuple[str, object]]:
        self.actions.save_settings(self.store.state.settings.model_copy(update=changes))
        return self.supervisor.calls


@pytest.fixture
def stage(home: Path) -> Stage:
    return Stage(home)


def test_settings_are_in_the_file_and_in_the_view(stage: Stage) -> None:
    assert stage.saves(theme=ThemeChoice.DARK) == []
    assert SettingsFile(stage.home).load().settings.theme is ThemeChoice.DARK
    assert stage.store.state.settings.theme is ThemeChoice.DARK


def test_only_the_services_concerned_are_restarted(stage: Stage) -> None:
    assert sorted(stage.saves(sources={Source.EPSS: False})) == [("restart", "api"), ("restart", "worker-slow")]


def test_another_stack_takes_the_place_of_the_running_one(stage: Stage) -> None:
    assert stage.saves(stack=StackKind.DOCKER, sources={Source.EPSS: False}) == [("run", StackKind.DOCKER)]


def test_the_first_choice_starts_what_was_chosen(stage: Stage) -> None:
    stage.supervisor.session = None
    assert stage.saves(stack=StackKind.EMBEDDED) == [("run", StackKind.EMBEDDED)]


def test_a_stack_that_the_environment_names_is_not_changed_by_settings(home: Path) -> None:
    stage = Stage(home, stack=StackKind.EXTERNAL)
    assert stage.actions.stack_is_fixed
    assert stage.saves(stack=StackKind.DOCKER) == []


def test_settings_that_cannot_be_saved_change_nothing(stage: Stage) -> None:
    (stage.home / "settings.toml.new").mkdir()  # where the new file would be written
    with pytest.raises(OpenThreatError, match="cannot be saved"):
        stage.saves(stack=StackKind.DOCKER)
    assert stage.supervisor.calls == []
    assert stage.store.state.settings.stack is StackKind.EMBEDDED


def test_a_new_key_is_kept_read_again_and_given_to_who_uses_it(stage: Stage) -> None:
    assert stage.actions.nvd_key_source() is SecretSource.NONE
    assert stage.actions.save_nvd_key("geheim")
    assert stage.actions.nvd_key_source() is SecretSource.STORED
    assert stage.secrets.get(NVD_KEY) == "geheim"
    assert (stage.reread, stage.supervisor.calls) == ([1], [("restart", "worker-slow")])
    stage.actions.save_nvd_key("")
    assert stage.actions.nvd_key_source() is SecretSource.NONE


def test_a_key_of_the_environment_is_known_to_be_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text(f"{NVD_KEY}=geheim\n", encoding="utf-8")
    monkeypatch.setenv("OPENTHREAT_HOME", str(home))
    monkeypatch.delenv(NVD_KEY, raising=False)
    actions = Stage(home, nvd_api_key=read_environment().nvd_api_key).actions
    assert actions.nvd_key_source() is SecretSource.FILE
    actions.save_nvd_key("another")
    assert actions.nvd_key_source() is SecretSource.STORED
    monkeypatch.setenv(NVD_KEY, "third")
    assert actions.nvd_key_source() is SecretSource.ENVIRONMENT


def test_remedies_do_what_they_promise(stage: Stage) -> None:
    stage.actions.remedy(Remedy.START_DOCKER)
    stage.actions.remedy(Remedy.TRY_AGAIN)
    assert stage.supervisor.calls == [("docker", None), ("start", None)]


def test_the_built_in_database_is_a_remedy_for_a_stack_that_does_not_come_up(stage: Stage) -> None:
    stage.saves(stack=StackKind.DOCKER)
    stage.actions.remedy(Remedy.USE_EMBEDDED)
    assert stage.supervisor.calls[-1] == ("run", StackKind.EMBEDDED)
    assert SettingsFile(stage.home).load().settings.stack is StackKind.EMBEDDED


def test_services_are_not_asked_for_while_none_are_there(stage: Stage) -> None:
    stage.supervisor.session = None
    stage.actions.start_service()
    stage.actions.stop_service("api")
    stage.actions.restart_service("api")
    assert stage.supervisor.calls == []


def test_the_size_is_that_of_all_files(stage: Stage) -> None:
    (stage.home / "logs").mkdir()
    (stage.home / "logs" / "api.log").write_bytes(b"x" * 1000)
    assert stage.actions.data_size() >= 1000


def test_the_proxys_password_restarts_services_only_while_it_is_used(stage: Stage) -> None:
    assert stage.actions.proxy_password_source() is SecretSource.NONE
    assert stage.actions.save_proxy_password("geheim")
    assert stage.actions.proxy_password_source() is SecretSource.STORED
    assert (stage.reread, stage.supervisor.calls) == ([1], [])
    manual = NetworkSettings(proxy=ProxyMode.MANUAL, proxy_address="proxy.example:3128")
    stage.store.post(SettingsSaved(UserSettings(network=manual)))
    stage.actions.save_proxy_password("another")
    assert set(stage.supervisor.calls) == {("restart", name) for name in ("api", "worker-slow", "beat")}


def test_a_proxy_of_the_environment_is_fixed(home: Path) -> None:
    fixed = Stage(home, proxy=SecretStr("none"), proxy_password=SecretStr("geheim")).actions
    assert fixed.network_is_fixed
    assert fixed.proxy_password_source() is SecretSource.FILE
