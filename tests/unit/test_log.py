"""Secrets in log lines."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from backend.config import load_settings
from backend.log import redactor, set_up_logging


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("home")
def test_keys_and_passwords_never_reach_a_log_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVD_API_KEY", "the-nvd-key")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@host/db")
    monkeypatch.setenv("REDIS_URL", "redis://:red-secret@host:1/0")
    monkeypatch.setenv("OPENTHREAT_PROXY", "http://me:proxy-word@proxy.example:3128")
    monkeypatch.setenv("OPENTHREAT_PROXY_PASSWORD", "other-word")
    monkeypatch.setenv("OPENTHREAT_MAIL_PASSWORD", "mail-word")
    given = "the-nvd-key p@ss p%40ss red-secret proxy-word other-word mail-word redis://:another@x"
    assert redactor(load_settings())(given) == "*** *** *** *** *** *** *** redis://:***@x"


@pytest.mark.usefixtures("home")
def test_a_traceback_is_logged_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], restored_logging: None
) -> None:
    monkeypatch.setenv("OPENTHREAT_API_TOKEN", "planted-token")
    set_up_logging(load_settings())
    try:
        int("planted-token and Bearer 0123456789")
    except ValueError:
        logging.getLogger("test").exception("It failed with %s", "planted-token")
    written = capsys.readouterr().err
    assert "It failed with ***" in written
    assert "'*** and Bearer ***'" in written
