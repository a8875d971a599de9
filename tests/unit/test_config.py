"""Which settings a process works with, where the file of the settings is as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.config import load_settings
from backend.contract.environment import Environment, read_environment
from backend.contract.errors import ConfigurationError
from backend.contract.settings import StackKind, UserSettings

NEWER = 'version = 99\nstack = "docker"\n'


def test_a_settings_file_that_cannot_be_used_gives_way_to_the_last_good_one(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "settings.toml").write_text(NEWER, encoding="utf-8")
    (home / "settings.last-good.toml").write_text('stack = "external"\n', encoding="utf-8")
    assert load_settings().user.stack is StackKind.EXTERNAL
    assert "has version 99" in caplog.text
    assert "The last good settings are used" in caplog.text


@pytest.mark.parametrize("good", ["", "stack = "], ids=["none", "damaged too"])
def test_without_a_last_good_one_it_is_refused_by_name(home: Path, good: str) -> None:
    (home / "settings.toml").write_text(NEWER, encoding="utf-8")
    if good:
        (home / "settings.last-good.toml").write_text(good, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"settings\.toml has version 99"):
        load_settings()


def test_a_variable_named_like_the_users_settings_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_USER", "somebody")
    assert load_settings().user == UserSettings()


def test_both_halves_of_the_program_read_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".env").write_text("DATABASE_URL=postgresql://db/x\nOPENTHREAT_API_TOKEN=t0ken\n", encoding="utf-8")
    monkeypatch.setenv("OPENTHREAT_API_HOST", "::")
    settings, environment = load_settings(), read_environment()
    assert {name: getattr(settings, name) for name in Environment.model_fields} == environment.model_dump()
    assert (settings.api_base, settings.token) == (environment.api_base, environment.token)
    assert settings.chosen_stack is environment.fixed_stack is StackKind.EXTERNAL
