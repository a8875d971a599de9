"""The model of records: what is selected stays selected while records come, go and move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QItemSelectionModel, QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.record_model import RecordColumn, RecordModel

pytestmark = pytest.mark.usefixtures("qapp")
HOT = Look("fire", "Hot", Tone.BAD)


@dataclass(frozen=True)
class Dish:
    name: str
    price: int = 5
    is_hot: bool = False


COLUMNS = (
    RecordColumn[Dish]("Name", lambda dish: dish.name, tooltip=lambda dish: f"{dish.name} of today"),
    RecordColumn[Dish]("Price", lambda dish: str(dish.price), is_number=True, hint="In euros"),
    RecordColumn[Dish]("Heat", lambda _: "", lambda dish: HOT if dish.is_hot else None),
)
RICE, SOUP, TEA, CAKE = Dish("rice"), Dish("soup", is_hot=True), Dish("tea"), Dish("cake")


@pytest.fixture
def owner() -> Iterator[QObject]:
    made = QObject()
    yield made
    made.deleteLater()


@pytest.fixture
def model(owner: QObject) -> RecordModel[Dish]:
    made = RecordModel[Dish](COLUMNS, lambda dish: dish.name, owner)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, owner)
    made.replace([RICE, SOUP, TEA])
    return made


@pytest.mark.parametrize(
    ("after", "selected"),
    [
        pytest.param([RICE, SOUP, TEA], "soup", id="the same"),
        pytest.param([TEA, SOUP, RICE], "soup", id="moved"),
        pytest.param([CAKE, RICE, SOUP], "soup", id="one before it is new"),
        pytest.param([SOUP], "soup", id="all others are gone"),
        pytest.param([TEA, CAKE, Dish("soup", 9)], "soup", id="changed and moved"),
        pytest.param([RICE, TEA], None, id="it is gone"),
        pytest.param([CAKE], None, id="all are others"),
        pytest.param([], None, id="none"),
    ],
)
def test_the_selected_record_stays_selected(
    model: RecordModel[Dish], owner: QObject, after: list[Dish], selected: str | None
) -> None:
    selection = QItemSelectionModel(model, owner)
    selection.select(model.index(1, 0), QItemSelectionModel.SelectionFlag.Select)
    model.replace(after)
    assert list(model.records) == after
    rows = [index.row() for index in selection.selectedIndexes()]
    assert [after[row].name for row in rows] == ([selected] if selected else [])


def test_a_cell_is_a_text_or_a_badge(model: RecordModel[Dish]) -> None:
    assert [model.index(1, column).data() for column in range(3)] == ["soup", "5", "Hot"]
    assert [model.index(row, 2).data(LOOK_ROLE) for row in range(3)] == [None, HOT, None]
    assert model.index(0, 2).data() == ""


def test_numbers_are_at_the_right_and_tooltips_say_more(model: RecordModel[Dish]) -> None:
    sides = [model.index(0, column).data(Qt.ItemDataRole.TextAlignmentRole) for column in range(3)]
    assert sides == [None, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, None]
    assert "rice of today" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    across = Qt.Orientation.Horizontal
    assert [model.headerData(column, across) for column in range(3)] == ["Name", "Price", "Heat"]
    assert model.headerData(1, across, Qt.ItemDataRole.TextAlignmentRole) == sides[1]
    tips = [model.headerData(column, across, Qt.ItemDataRole.ToolTipRole) for column in range(3)]
    assert tips == [None, "In euros", None]
