"""PCs: who has what, the worst first, from the machines and from the programs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend.contract.exposure import Machine, MachineFindings
from backend.contract.wire import utc_now
from desktop.ui.page_context import MACHINE, Memory, PageContext, PageName
from desktop.ui.pages.pcs import PcsPage
from desktop.ui.pages.pcs.words import headline, machine_names, worst_first
from desktop.ui.pages.this_pc import ThisPcPage
from tests.ui.installed import CHROME, OTHER_PC, THIS_PC, UNSURE

WAIT_MS = 15_000


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot, english: None) -> PcsPage:
    made = PcsPage(context, memory, "PCs")
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    qtbot.waitUntil(lambda: made.by_machine.programs.rowCount() > 0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: made.by_program.machines.rowCount() > 0, timeout=WAIT_MS)
    return made


def machine(machine_id: str, name: str = "", exploited: int = 0, affected: int = 0) -> Machine:
    found = MachineFindings(affected=affected, exploited=exploited)
    now = utc_now()
    return Machine(id=machine_id, name=name or machine_id, user="", first_seen_at=now, last_seen_at=now, findings=found)


def test_the_machine_with_what_is_exploited_comes_first_with_its_programs(page: PcsPage) -> None:
    machines = page.by_machine.machines.records
    assert [item.id for item in machines] == [THIS_PC, OTHER_PC]
    assert page.by_machine.machine == machines[0]
    assert "DESK-7" in page.by_machine.title.text()
    assert CHROME in [item.software.name for item in page.by_machine.programs.records]


def test_another_machine_shows_its_own_programs(page: PcsPage, qtbot: QtBot) -> None:
    page.by_machine.left.choose(1)
    qtbot.waitUntil(lambda: page.by_machine.title.text() == "Lab PC", timeout=WAIT_MS)
    assert CHROME not in [item.software.name for item in page.by_machine.programs.records]


def test_a_program_says_on_how_many_machines_it_is_and_names_them(page: PcsPage, qtbot: QtBot) -> None:
    page.show_programs.click()
    rows = page.by_program.programs.records
    assert rows[0].exploited >= rows[-1].exploited
    page.by_program.left.choose(next(row for row, item in enumerate(rows) if item.software.name == UNSURE))
    qtbot.waitUntil(lambda: page.by_program.title.text() == f"{UNSURE} on 2 PCs", timeout=WAIT_MS)
    assert {item.id for item in page.by_program.machines.records} == {THIS_PC, OTHER_PC}


def test_programs_are_searched_for(page: PcsPage, qtbot: QtBot) -> None:
    page.show_programs.click()
    assert page.search_field is not None
    assert page.search_field.isVisible()
    page.search_field.setText("ledger 7.0")
    qtbot.waitUntil(lambda: page.by_program.programs.rowCount() == 1, timeout=WAIT_MS)
    page.search_field.setText("nobody has this")
    qtbot.waitUntil(lambda: page.by_program.programs.rowCount() == 0, timeout=WAIT_MS)
    assert page.by_program.title.text() == ""
    assert page.by_program.machines.rowCount() == 0


def test_enter_opens_the_machine_on_this_pc(page: PcsPage, qtbot: QtBot) -> None:
    page.by_machine.left.choose(1)
    with qtbot.waitSignal(page.context.wanted) as wanted:
        QTest.keyClick(page.by_machine.left, Qt.Key.Key_Return)
    assert wanted.args == [PageName.THIS_PC, MACHINE + OTHER_PC]


def test_this_pc_shows_the_machine_that_it_is_opened_with(context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    this_pc = ThisPcPage(context, memory, "This PC")
    qtbot.addWidget(this_pc)
    this_pc.show()
    this_pc.open_item(MACHINE + OTHER_PC)

    def is_shown() -> bool:
        exposure = this_pc._view.exposure if this_pc._view else None
        return exposure is not None and exposure.machine.id == OTHER_PC

    qtbot.waitUntil(is_shown, timeout=WAIT_MS)


def test_without_machines_it_says_what_will_be_here(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    made = PcsPage(empty_context, memory, "PCs")
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: made._machines == (), timeout=WAIT_MS)
    assert not made.by_machine.isVisible()


def test_the_worst_machine_comes_first() -> None:
    found = [machine("a"), machine("b", affected=90), machine("c", exploited=1, affected=1), machine("d", affected=90)]
    assert [item.id for item in worst_first(found)] == ["c", "b", "d", "a"]


def test_equal_names_are_told_apart_by_the_ids() -> None:
    found = [machine("11111111-2222", "DESK"), machine("33333333-4444", "DESK"), machine("x", "LAB")]
    assert machine_names(found, "x") == {
        "11111111-2222": "DESK (11111111)",
        "33333333-4444": "DESK (33333333)",
        "x": "LAB (this PC)",
    }


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("machines", "text"),
    [
        ([machine("a", exploited=1, affected=3), machine("b")], "1 of 2 PCs has vulnerabilities that are being"),
        ([machine("a", affected=3), machine("b", affected=1)], "2 of 2 PCs have known vulnerabilities. None"),
        ([machine("a"), machine("b")], "No known vulnerability affects what is installed on 2 PCs."),
    ],
)
def test_the_first_line_says_how_bad_it_is(machines: list[Machine], text: str) -> None:
    assert headline(machines).startswith(text)
