"""settings.toml, read and written on a real disk."""

from pathlib import Path

import pytest

from backend.contract.environment import read_environment
from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.contract.names import Source
from backend.contract.settings import SETTINGS_VERSION, StackKind, UserSettings
from desktop.settings.settings_file import LoadedSettings, SettingsFile

WRITTEN_BY_HAND = """\
# mine
version = 1
stack = "external"  # the team's
future = "kept"

[sources]
nvd = false  # too slow
"""


def test_no_file_means_the_defaults(home: Path) -> None:
    loaded = SettingsFile(home).load()
    assert loaded.settings == UserSettings()
    assert loaded.problem is None


def test_what_was_saved_is_read_again(home: Path) -> None:
    settings = UserSettings(stack=StackKind.EXTERNAL, sources={Source.EUVD: False})
    SettingsFile(home).save(settings)
    assert SettingsFile(home).load().settings == settings


def test_saving_keeps_comments_and_keys_of_others(home: Path) -> None:
    file = SettingsFile(home)
    file.path.write_text(WRITTEN_BY_HAND, encoding="utf-8")
    settings = file.load().settings
    file.save(settings.model_copy(update={"sources": {Source.NVD: True}}))
    text = file.path.read_text(encoding="utf-8")
    assert "# mine" in text
    assert "# the team's" in text
    assert 'future = "kept"' in text
    assert "nvd = true" in text


def test_what_is_no_longer_set_leaves_the_file(home: Path) -> None:
    file = SettingsFile(home)
    file.path.write_text(WRITTEN_BY_HAND, encoding="utf-8")
    file.save(UserSettings())
    assert file.load().settings == UserSettings()


@pytest.mark.parametrize(
    "damaged",
    [b"stack = ", b"\xff\xfe\x00", b'stack = "cloud"', b"version = 99", b""" [retention]\nrun_days = "x" """],
    ids=["cut off", "binary", "unknown value", "newer version", "wrong type"],
)
def test_a_file_that_cannot_be_used_gives_way_to_the_last_good_one(home: Path, damaged: bytes) -> None:
    file = SettingsFile(home)
    good = UserSettings(stack=StackKind.EXTERNAL)
    file.save(good)
    file.load()
    file.path.write_bytes(damaged)
    loaded = file.load()
    assert loaded.settings == good
    assert loaded.problem is not None
    assert "settings.damaged.toml" in loaded.problem.message
    assert (home / "settings.damaged.toml").read_bytes() == damaged
    assert file.load() == SettingsFile(home).load()
    assert file.load().problem is None


def test_a_damaged_file_without_a_good_one_gives_way_to_the_defaults(home: Path) -> None:
    file = SettingsFile(home)
    file.path.write_text(f"version = {SETTINGS_VERSION + 1}")
    loaded = file.load()
    assert loaded.settings == UserSettings()
    assert loaded.problem is not None
    assert "newer" in loaded.problem.message


def test_a_failed_save_leaves_the_old_file_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(home)
    file.save(UserSettings(stack=StackKind.EXTERNAL))
    before = file.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OpenThreatError, match="No space left"):
        file.save(UserSettings())
    assert file.path.read_bytes() == before


def test_the_environment_wins_over_the_env_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("OPENTHREAT_API_PORT=9000\nREDIS_URL=redis://here\n", encoding="utf-8")
    monkeypatch.setenv("OPENTHREAT_API_PORT", "9001")
    environment = read_environment()
    assert environment.home == home
    assert environment.api_base == "http://127.0.0.1:9001"
    assert environment.stack_with(UserSettings()) is StackKind.EXTERNAL


def test_without_any_variable_the_settings_choose_the_stack(home: Path) -> None:
    environment = read_environment()
    assert environment.stack_with(UserSettings()) is StackKind.EMBEDDED
    assert environment.stack_with(UserSettings(stack=StackKind.DOCKER)) is StackKind.DOCKER


@pytest.mark.parametrize(
    ("host", "base"),
    [("0.0.0.0", "http://127.0.0.1:8001"), ("::1", "http://[::1]:8001"), ("192.0.2.7", "http://192.0.2.7:8001")],
)
def test_the_api_is_reached_where_it_listens(home: Path, monkeypatch: pytest.MonkeyPatch, host: str, base: str) -> None:
    monkeypatch.setenv("OPENTHREAT_API_HOST", host)
    assert read_environment().api_base == base


def test_a_value_that_cannot_be_used_is_named_without_repeating_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", "hunter2")
    with pytest.raises(ConfigurationError) as refused:
        read_environment()
    assert "API_PORT" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.fixture
def nothing_can_be_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a read-only folder: tests may run as root, which ignores permissions."""

    def refuse(source: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_read_only_file_is_read_and_what_cannot_be_saved_is_said(home: Path, request: pytest.FixtureRequest) -> None:
    file = SettingsFile(home)
    file.save(UserSettings(stack=StackKind.EXTERNAL))
    before = file.path.read_bytes()
    request.getfixturevalue("nothing_can_be_renamed")
    assert file.load() == LoadedSettings(UserSettings(stack=StackKind.EXTERNAL))
    with pytest.raises(OpenThreatError, match="Permission denied"):
        file.save(UserSettings())
    assert file.path.read_bytes() == before


def test_a_damaged_file_that_cannot_be_put_aside_gives_way_to_the_last_good_one_all_the_same(
    home: Path, request: pytest.FixtureRequest
) -> None:
    file = SettingsFile(home)
    good = UserSettings(stack=StackKind.EXTERNAL)
    file.save(good)
    file.load()
    file.path.write_bytes(b"stack = ")
    request.getfixturevalue("nothing_can_be_renamed")
    loaded = file.load()
    assert loaded.settings == good
    assert loaded.problem is not None
    assert "cannot be moved (Permission denied)" in loaded.problem.message
    assert file.path.read_bytes() == b"stack = "


def test_a_last_good_file_that_is_damaged_too_gives_way_to_the_defaults(home: Path) -> None:
    file = SettingsFile(home)
    file.path.write_bytes(b"stack = ")
    (home / "settings.last-good.toml").write_bytes(b"\xff")
    loaded = file.load()
    assert loaded.settings == UserSettings()
    assert loaded.problem is not None
    assert "default settings" in loaded.problem.message
    assert (home / "settings.damaged.toml").read_bytes() == b"stack = "
