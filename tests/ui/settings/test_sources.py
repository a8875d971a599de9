"""Sources in the settings: what each gives, and up to when its data go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from backend.contract.names import Source
from backend.contract.sources import SourceState, SourceStatus
from desktop.settings.secrets import SecretSource
from desktop.ui.formatting import number, timestamp
from desktop.ui.pages.settings import SettingsPage
from tests.ui.settings.program import texts

NOW = datetime.now(UTC)


def show(page: SettingsPage, **changes: object) -> QWidget:
    status = SourceStatus(name=Source.NVD, enabled=True, records=1234, state=SourceState.OK)
    snapshot = page.context.state.snapshot
    assert snapshot is not None
    known = snapshot.model_copy(update={"sources": (status.model_copy(update=changes),)})
    page.sources.show_state(replace(page.context.state, snapshot=known))
    return page.sources.data[Source.NVD]


def test_each_says_what_it_gives(page: SettingsPage) -> None:
    shown = texts(page.sources)
    for words in ("known to be exploited", "Scores", "European Union", "publishers", "next 30 days"):
        assert words in shown


def test_data_go_up_to_the_sources_own_moment(page: SettingsPage) -> None:
    until = NOW - timedelta(days=3)
    data = show(page, watermark=until, last_success_at=NOW - timedelta(hours=2))
    assert f"Data up to {timestamp(until)}, {number(1234)} vulnerabilities" in texts(data)
    assert "Checked 2 h ago" in texts(data)


def test_without_an_end_of_its_own_the_last_good_update_counts(page: SettingsPage) -> None:
    assert f"Data up to {timestamp(NOW)}" in texts(show(page, last_success_at=NOW))


def test_a_source_that_was_never_read_says_so(page: SettingsPage) -> None:
    assert texts(show(page, state=SourceState.NEVER, records=0)) == "Nothing has been read yet"


def test_one_that_is_off_says_so_by_icon_and_word(page: SettingsPage) -> None:
    show(page, enabled=False, last_success_at=NOW)
    look = page.sources.data[Source.NVD].badge.look
    assert look is not None
    assert look.word == "Off"


def test_a_key_for_nvd_is_a_click_away_as_long_as_there_is_none(
    page: SettingsPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    key = page.sources.key
    key.request.click()
    assert opened == ["https://nvd.nist.gov/developers/request-an-api-key"]
    key._show_source(SecretSource.STORED)
    assert not key.request.isVisible()
