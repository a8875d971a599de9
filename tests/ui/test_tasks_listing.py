"""The history, merged from pages and snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QItemSelectionModel, QObject
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QTableView

from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.tasks import TaskRun
from desktop.ui.pages.tasks.model import RunColumn, RunModel
from desktop.ui.pages.tasks.rows import RunFilter, RunListing, extended, folded, refreshed, row_of, with_changed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = RunFilter()


def run(number: int, **changes: object) -> TaskRun:
    """number: the higher, the newer."""
    facts = {
        "task_id": f"run-{number:03}",
        "name": TaskName.UPDATE,
        "status": RunState.SUCCESS,
        "queued_at": NOW + timedelta(minutes=number),
        "trigger": Trigger.API,
    }
    return TaskRun.model_validate({**facts, **changes})


def listing(*numbers: int, complete: bool = False) -> RunListing:
    return RunListing(tuple(row_of(run(number)) for number in numbers), complete)


def numbers(known: RunListing) -> list[int]:
    return [int(row.run.task_id[4:]) for row in known.rows]


def test_a_new_run_goes_on_top_and_a_known_one_changes_in_its_place() -> None:
    known = with_changed(listing(3, 2, 1), [run(4), run(2, status=RunState.FAILURE)], ALL)
    assert numbers(known) == [4, 3, 2, 1]
    assert known.rows[2].run.status is RunState.FAILURE


def test_a_snapshot_that_tells_nothing_new_changes_nothing() -> None:
    known = listing(3, 2, 1)
    assert with_changed(known, [run(3), run(2)], ALL) is known


def test_runs_older_than_the_known_piece_wait_until_it_reaches_them() -> None:
    assert numbers(with_changed(listing(9, 8), [run(9), run(1)], ALL)) == [9, 8]
    assert numbers(with_changed(listing(9, 8, complete=True), [run(1)], ALL)) == [9, 8, 1]


def test_a_run_that_no_longer_fits_the_filter_leaves() -> None:
    wanted = RunFilter(state=RunState.STARTED)
    running = RunListing((row_of(run(2, status=RunState.STARTED)),), complete=True)
    assert numbers(with_changed(running, [run(2), run(3), run(4, status=RunState.STARTED)], wanted)) == [4]


def test_older_pages_are_added_without_doubles() -> None:
    known = extended(listing(5, 4), listing(4, 3, 2).rows, last=False)
    assert numbers(known) == [5, 4, 3, 2]
    assert not known.complete


def test_a_page_with_nothing_new_ends_the_asking() -> None:
    assert extended(listing(5, 4), listing(5, 4).rows, last=False).complete


def test_asking_anew_keeps_older_rows_where_the_page_reaches_them() -> None:
    known = refreshed(listing(5, 4, 3, 2, 1), listing(7, 6, 5, 3).rows, complete=False)
    assert numbers(known) == [7, 6, 5, 3, 2, 1]  # 4 is gone from the ledger


def test_asking_anew_lets_go_of_older_rows_where_runs_may_be_missing_between() -> None:
    assert numbers(refreshed(listing(3, 2, 1), listing(9, 8).rows, complete=False)) == [9, 8]


def test_an_empty_history_is_complete() -> None:
    assert refreshed(listing(3), (), complete=True) == RunListing((), complete=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([3, 2, 1], [5, 4, 3, 2, 1]),
        ([5, 3, 1], [6, 5, 4, 2, 1]),
        ([3, 2, 1], [9, 8]),
        ([], [2, 1]),
        ([2, 1], []),
        ([4, 3, 2, 1], [4, 2]),
    ],
)
def test_the_table_goes_from_one_listing_to_the_other_row_by_row(
    qapp: QApplication, before: list[int], after: list[int]
) -> None:
    owner = QObject()
    model = RunModel(owner, lambda: NOW)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.show_listing(listing(*before, complete=True))
    model.show_listing(listing(*after, complete=True))
    assert numbers(model.listing) == after
    assert not resets
    del tester


def test_the_selected_run_stays_selected_when_others_come_and_go(qapp: QApplication) -> None:
    table = QTableView()
    model = RunModel(table, lambda: NOW)
    table.setModel(model)
    model.show_listing(listing(3, 2, 1, complete=True))
    table.selectionModel().setCurrentIndex(model.index(1, 0), QItemSelectionModel.SelectionFlag.SelectCurrent)
    model.show_listing(listing(5, 4, 2, complete=True))
    assert model.listing.rows[table.currentIndex().row()].run.task_id == "run-002"


def test_only_rows_that_changed_are_painted_again(qapp: QApplication) -> None:
    owner = QObject()
    model = RunModel(owner, lambda: NOW)
    model.show_listing(listing(3, 2, 1, complete=True))
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.extend(range(first.row(), last.row() + 1)))
    model.show_listing(with_changed(model.listing, [run(3), run(2, status=RunState.FAILURE)], ALL))
    assert changed == [1]


def statistics(number: int, **changes: object) -> TaskRun:
    return run(number, name=TaskName.UPDATE_STATS, **changes)


def mixed(*runs: TaskRun) -> RunListing:
    return RunListing(tuple(row_of(run) for run in runs))


def test_a_day_of_statistics_is_a_row_between_two_updates() -> None:
    runs = [run(n) if n % 9 == 0 else statistics(n) for n in range(108, 0, -1)]
    shown = folded(mixed(*runs))
    assert len(shown.rows) == 24
    assert [row.run.name == TaskName.UPDATE for row in shown.rows] == [True, False] * 12
    assert sum(1 + len(row.older) for row in shown.rows) == len(runs)


def test_what_failed_runs_or_is_an_update_has_a_row_of_its_own() -> None:
    started, failed = RunState.STARTED, RunState.FAILURE
    runs = [statistics(7, status=started), statistics(6), statistics(5, status=failed), statistics(4), run(3), run(2)]
    assert numbers(folded(mixed(*runs))) == [7, 6, 5, 4, 3, 2]
    assert numbers(folded(mixed(statistics(2), run(1, name=TaskName.CLEAN_CACHE)))) == [2, 1]


def test_a_run_in_a_folded_row_is_found() -> None:
    shown = folded(mixed(run(5), statistics(4), statistics(3), run(2)))
    assert [shown.find(f"run-{number:03}") for number in (5, 4, 3, 2, 1)] == [0, 1, 1, 2, None]


def test_a_folded_row_stays_selected_when_a_newer_run_joins_it(qapp: QApplication) -> None:
    table = QTableView()
    model = RunModel(table)
    table.setModel(model)
    model.show_listing(folded(mixed(run(4), statistics(3), statistics(2))))
    table.selectRow(1)
    model.show_listing(folded(mixed(statistics(6), run(4), statistics(3), statistics(2))))
    assert table.currentIndex().row() == 2
    assert table.currentIndex().siblingAtColumn(RunColumn.TASK).data() == "Statistics, 2 runs"
    model.show_listing(folded(mixed(statistics(6), statistics(3), statistics(2))))
    assert table.currentIndex().row() == 0
    assert table.currentIndex().siblingAtColumn(RunColumn.TASK).data() == "Statistics, 3 runs"
