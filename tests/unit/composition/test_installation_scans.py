"""What makes the tray scan this PC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.contract.exposure import InventoryStored
from backend.contract.inventory import Inventory, SoftwareEntry
from backend.contract.settings import StackKind, UserSettings
from desktop.composition.installation_scans import InstallationScans
from desktop.inventory.collect import Collected
from desktop.state.app_state import (
    AppState,
    SettingsSaved,
    SnapshotArrived,
    StackChosen,
    StateStore,
    SupervisionChanged,
)
from desktop.supervision.plan import plan
from desktop.supervision.services import Phase, Supervision
from tests.fakes.machine_registry import FakeMachineRegistry
from tests.servers import wait_until
from tests.unit.state.test_poller import NOON, QUIET

HERE = Inventory(software=(SoftwareEntry(name="Firefox"),))


def supervision(phase: Phase) -> Supervision:
    return Supervision(tuple(replace(service, phase=phase) for service in Supervision.of(plan()).services))


class Stage:
    def __init__(self, *, collectable: bool = True) -> None:
        self.store = StateStore(AppState(supervision(Phase.STARTING), StackKind.EMBEDDED))
        self.sent: list[str] = []
        registry = FakeMachineRegistry() if collectable else None
        self.scans = InstallationScans(
            self.store, self, lambda: "pc-1", registry, lambda: datetime.now(UTC), lambda: Collected(HERE)
        )
        self.scans.start()

    def put_inventory(self, machine_id: str, inventory: Inventory) -> InventoryStored:
        self.sent.append(machine_id)
        return InventoryStored(machine=machine_id, programs=1, added=0, removed=0, duplicates=0)

    def answer(self) -> None:
        self.store.post(SupervisionChanged(supervision(Phase.RUNNING)))
        self.store.post(SnapshotArrived(QUIET, NOON))

    def wait_for_scans(self, count: int) -> None:
        wait_until(lambda: len(self.sent) == count, f"{count} scans")
        wait_until(lambda: not self.store.state.scan.is_scanning, "the last one has ended")


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.scans.stop()


def test_it_scans_once_the_api_answers(stage: Stage) -> None:
    wait_until(lambda: stage.store.state.scan.machine == "pc-1", "the scanner has begun")
    assert stage.sent == []
    stage.answer()
    stage.wait_for_scans(1)
    assert stage.store.state.scan.scanned_at is not None


def test_an_api_that_comes_back_is_not_sent_the_same_again(stage: Stage) -> None:
    stage.answer()
    stage.wait_for_scans(1)
    stage.store.post(SupervisionChanged(supervision(Phase.BACKOFF)))
    stage.answer()
    stage.scans.scan_soon()
    stage.wait_for_scans(2)


def test_another_database_gets_the_list_as_well(stage: Stage) -> None:
    stage.answer()
    stage.wait_for_scans(1)
    stage.store.post(StackChosen(StackKind.EXTERNAL, supervision(Phase.STARTING)))
    assert stage.store.state.scan.scanned_at is None
    stage.answer()
    stage.wait_for_scans(2)


def test_nothing_is_collected_where_that_is_switched_off_until_it_is_switched_on(stage: Stage) -> None:
    stage.store.post(SettingsSaved(UserSettings(scan_installed=False)))
    stage.answer()
    stage.scans.scan_soon()
    wait_until(lambda: stage.store.state.scan.machine == "pc-1", "the scanner has begun")
    assert stage.sent == []
    stage.store.post(SettingsSaved(UserSettings()))
    stage.wait_for_scans(1)


def test_without_a_registry_it_says_why_nothing_is_collected() -> None:
    stage = Stage(collectable=False)
    stage.answer()
    wait_until(lambda: bool(stage.store.state.scan.unavailable), "the reason is known")
    stage.scans.stop()
    assert "Windows only" in stage.store.state.scan.unavailable
    assert stage.sent == []
