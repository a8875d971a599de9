"""A bar is as full as what is done, and never full while nothing is known."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from backend.contract.tasks import Progress, RunPhase
from desktop.ui.theme.apply import Theme, colours_of
from desktop.ui.widgets.progress import ProgressStrip
from desktop.ui.widgets.progress_bar import ProgressBar


def filled_share(bar: ProgressBar) -> float:
    """How much of the middle line has the colour of what is done."""
    drawn, accent = bar.grab().toImage(), colours_of(bar.palette()).accent
    row = [drawn.pixelColor(x, drawn.height() // 2).name().upper() for x in range(drawn.width())]
    return row.count(accent) / len(row)


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> ProgressBar:
    made = ProgressBar()
    qtbot.addWidget(made)
    made.resize(400, made.height())
    made.show()
    return made


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_it_is_as_full_as_what_is_done(bar: ProgressBar, share: float) -> None:
    bar.show_share(share)
    assert filled_share(bar) == pytest.approx(share, abs=0.02)


def test_while_nothing_is_known_a_part_moves_and_it_is_never_full(bar: ProgressBar, qtbot: QtBot) -> None:
    bar.show_share(1.0)
    bar.show_share(None)
    before = bar.filled()
    qtbot.waitUntil(lambda: bar.filled() != before)
    assert filled_share(bar) < 0.3


def test_a_phase_of_unknown_length_has_such_a_bar(theme: Theme, qtbot: QtBot) -> None:
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    strip.resize(400, 60)
    strip.show_progress(Progress(phase=RunPhase.READING, done=5_000), 1.0)
    strip.show()
    assert filled_share(strip.findChildren(ProgressBar)[0]) < 0.3
