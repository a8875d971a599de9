"""Settings: save the data of all sources as one file, and load such a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.contract.bundle import BundleAccepted, BundleSummary
from backend.contract.problems import Problem
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.bundle import BundleSection
from desktop.ui.pages.settings.section import Saver
from tests.fakes.actions import RecordingActions

SUMMARY = BundleSummary(
    id="b", created_at=datetime(2026, 3, 1, tzinfo=UTC), program="1.0", vulnerabilities=5, sources=(), size=2_000_000
)


class Client(ApiClient):
    """Saves and loads as the API would. task_id: of the run that loads; None: an update has to end before."""

    task_id: str | None = "t"

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")

    def save_bundle(self, path: Path) -> int:
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return path.write_bytes(bytes(2_000_000))

    def load_bundle(self, path: Path) -> BundleAccepted:
        path.read_bytes()
        return BundleAccepted(bundle=SUMMARY, task_id=self.task_id, message="")


@pytest.fixture
def section(store: StateStore, actions: RecordingActions, qtbot: QtBot) -> Iterator[BundleSection]:
    context = PageContext(store, actions, Client, SystemClock())
    section = BundleSection(context, Saver(context, context))
    qtbot.addWidget(section)
    section.show_state(store.state)
    section.show()
    yield section
    context.close()


def test_a_file_is_saved_and_said(section: BundleSection, qtbot: QtBot, tmp_path: Path) -> None:
    assert section.save.isEnabled()
    with qtbot.waitSignal(section.done) as done:
        section.save_to(tmp_path / "all.otbundle")
        assert section.progress.isVisible()
        assert not section.save.isEnabled()
        assert not section.load_file.isEnabled()
    assert done.args == ["Saved all.otbundle, 2.0 MB"]
    assert section.save.isEnabled()
    assert not section.progress.isVisible()


@pytest.mark.parametrize(("task_id", "text"), [("t", "is being loaded"), (None, "when the running update has ended")])
def test_what_becomes_of_a_loaded_file_is_said(
    section: BundleSection,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    task_id: str | None,
    text: str,
) -> None:
    monkeypatch.setattr(Client, "task_id", task_id)
    (tmp_path / "all.otbundle").write_bytes(b"x")
    with qtbot.waitSignal(section.done) as done:
        section.load_from(tmp_path / "all.otbundle")
    assert text in done.args[0]


def test_a_failure_is_a_problem_and_both_can_be_tried_again(
    section: BundleSection, qtbot: QtBot, tmp_path: Path
) -> None:
    for act in (section.save_to, section.load_from):
        with qtbot.waitSignal(section.failed) as failed:
            act(tmp_path / "no" / "all.otbundle")
        assert isinstance(failed.args[0], Problem)
        assert section.save.isEnabled()
        assert section.load_file.isEnabled()


def test_without_data_there_is_nothing_to_save(empty_store: StateStore, section: BundleSection) -> None:
    section.show_state(empty_store.state)
    assert not section.save.isEnabled()
