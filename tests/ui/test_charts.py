"""Charts can be read without colours and used without a mouse."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from backend.contract.names import Severity
from backend.contract.stats import DayCount
from desktop.ui.theme.apply import Theme
from desktop.ui.theme.tokens import DARK, LIGHT, Colours
from desktop.ui.widgets.charts import DaysChart, SeverityBar
from desktop.ui.widgets.charts.days import ticks
from desktop.ui.widgets.charts.parts import PartedChart
from desktop.ui.widgets.text import Plain
from tests.ui.test_foundation import contrast

ENOUGH_FOR_SHAPES = 3.0
"""WCAG 2.1, success criterion 1.4.11: contrast of graphical objects."""
FIRST = date(2026, 3, 1)
COUNTS = {Severity.CRITICAL: 1, Severity.HIGH: 30_000, Severity.LOW: 70_000}


@pytest.fixture
def days(theme: Theme, qtbot: QtBot) -> DaysChart:
    chart = DaysChart()
    qtbot.addWidget(chart)
    chart.resize(400, 160)
    chart.show_days([DayCount(day=FIRST + timedelta(n), published=n * 10, exploited=n % 2) for n in range(30)])
    chart.show()
    return chart


@pytest.fixture
def severities(theme: Theme, qtbot: QtBot) -> SeverityBar:
    bar = SeverityBar()
    qtbot.addWidget(bar)
    bar.resize(400, 160)
    bar.show_counts(COUNTS)
    bar.show()
    return bar


def strip_of(bar: SeverityBar) -> PartedChart:
    strip = bar.findChild(PartedChart)
    assert strip is not None
    return strip


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_and_boxes_stand_out_from_the_card_they_are_on(colours: Colours) -> None:
    shapes = (*colours.strong.values(), colours.outline)
    weak = [colour for colour in shapes if contrast(colour, colours.surface) < ENOUGH_FOR_SHAPES]
    assert weak == []


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (7, (0, 5, 10)),
        (106, (0, 50, 100, 150)),
        (45_000, (0, 20_000, 40_000, 60_000)),
    ],
)
def test_an_axis_has_few_round_numbers_and_room_for_the_largest(most: int, expected: tuple[int, ...]) -> None:
    assert ticks(most) == expected


def test_arrow_keys_lead_from_day_to_day_and_say_what_came(days: DaysChart, qtbot: QtBot) -> None:
    days.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(days, Qt.Key.Key_Right)
    days.current = 28
    qtbot.keyClick(days, Qt.Key.Key_Right)
    assert days.current == 29
    assert "290" in days.accessibleDescription()
    qtbot.keyClick(days, Qt.Key.Key_Right)
    assert days.current == 29


def test_the_mouse_finds_a_day_above_a_low_bar_too(days: DaysChart, qtbot: QtBot) -> None:
    place = days.part_place(1)
    qtbot.mouseMove(days, QPoint(round(place.center().x()), round(place.top()) + 2))
    assert days.current == 1


def test_days_without_data_draw_an_empty_chart(theme: Theme, qtbot: QtBot) -> None:
    chart = DaysChart()
    qtbot.addWidget(chart)
    chart.show_days([])
    chart.show()
    chart.grab()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.current == -1


def test_one_among_many_thousands_can_still_be_seen_and_pointed_at(severities: SeverityBar) -> None:
    strip = strip_of(severities)
    assert strip.part_place(0).width() >= 3
    assert strip.part_words(0).startswith("Critical: 1")
    assert strip.part_place(strip.part_count() - 1).right() <= strip.width() + 0.01


def test_the_legend_names_every_severity_with_its_number(severities: SeverityBar) -> None:
    texts = [label.text().replace(",", "") for label in severities.findChildren(Plain)]
    assert "30000" in texts
    assert "70 %" in texts
    assert "0 %" in texts


def test_enter_on_a_severity_picks_it(severities: SeverityBar, qtbot: QtBot) -> None:
    strip = strip_of(severities)
    strip.current = 1
    with qtbot.waitSignal(severities.picked) as picked:
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert picked.args == [Severity.HIGH]


def test_a_click_on_a_severity_picks_it(severities: SeverityBar, qtbot: QtBot) -> None:
    strip = strip_of(severities)
    with qtbot.waitSignal(severities.picked) as picked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.part_place(2).center().toPoint())
    assert picked.args == [Severity.LOW]
