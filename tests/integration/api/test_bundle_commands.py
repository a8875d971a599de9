"""`openthreat bundle` as it is typed, against a running API whose worker loads what is uploaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.names import RunState, TaskName
from backend.services.bundle.create import create_bundle
from backend.services.bundle.load import load_uploaded
from backend.services.bundle.upload import tend_bundle
from backend.store.engine import Database
from backend.store.repositories.bundles import BundleRepository
from backend.store.repositories.runs import Lease, RunOutcome, RunRepository
from tests.contract.bundle.test_bundle import UpdatedDatabase, contents
from tests.fakes.sources import CountingRun
from tests.integration.api.conftest import Command, RunningApi


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[UpdatedDatabase]:
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    database.prepare()
    origin = UpdatedDatabase(database, tmp_path, 4)
    origin.update()
    yield origin
    database.close()


def load(api: RunningApi, lease: Lease) -> RunOutcome:
    result = load_uploaded(api.settings, api.database, CountingRun(lease.task_id))
    return RunOutcome(RunState.SUCCESS, result=json.dumps(result))


def test_a_bundle_is_loaded(api: RunningApi, origin: UpdatedDatabase, openthreat: Command) -> None:
    api.work = load
    code, out, _ = openthreat("bundle", "load", str(origin.bundle()), "--wait")
    assert code == 0
    assert "nvd" in out
    assert contents(api.database)[1:] == contents(origin.database)[1:]
    with api.database.transaction() as connection:
        tend_bundle(connection, datetime.now(UTC))
        assert BundleRepository(connection).get() is None
        assert BundleRepository(connection).read(0, 10) == b""


def test_one_is_created_inspected_and_nothing_unfinished_is_left(
    api: RunningApi, origin: UpdatedDatabase, openthreat: Command, tmp_path: Path
) -> None:
    file = tmp_path / "all.otbundle"
    code, _, err = openthreat("bundle", "create", str(file))
    assert (code, "nothing to put" in err) == (1, True)
    assert not list(tmp_path.glob("all*"))
    api.work = load
    openthreat("bundle", "load", str(origin.bundle()), "--wait")
    code, out, _ = openthreat("bundle", "create", str(file))
    assert code == 0
    assert f"Wrote {file}." in out
    code, out, _ = openthreat("--json", "bundle", "inspect", str(file))
    summary = json.loads(out)
    assert (code, summary["signed"], summary["size"]) == (0, False, file.stat().st_size)
    assert {source["source"] for source in summary["sources"]} == {"cisa", "nvd", "mitre", "euvd", "epss"}
    assert [path.name for path in tmp_path.glob("all*")] == ["all.otbundle"]


def test_it_waits_for_the_end_of_an_update(api: RunningApi, origin: UpdatedDatabase, openthreat: Command) -> None:
    update = api.enqueue(TaskName.UPDATE)
    code, out, _ = openthreat("bundle", "load", str(origin.bundle()))
    assert code == 0
    assert "when the running update has ended" in out
    with api.database.transaction() as connection:
        tend_bundle(connection, datetime.now(UTC))
        assert [run.task_id for run in RunRepository(connection).waiting()] == [update]
        RunRepository(connection).request_cancel(update, datetime.now(UTC))
        tend_bundle(connection, datetime.now(UTC))
        (run,) = RunRepository(connection).waiting()
    assert (run.name, run.queue) == (TaskName.LOAD_BUNDLE, "slow")


def test_another_one_is_refused_while_one_is_loaded(
    api: RunningApi, origin: UpdatedDatabase, openthreat: Command
) -> None:
    path = str(origin.bundle())
    assert openthreat("bundle", "load", path)[0] == 0
    code, _, err = openthreat("bundle", "load", path)
    assert code == 2
    assert "openthreat cancel" in err


@pytest.mark.parametrize("command", ["load", "inspect"])
def test_what_is_no_bundle_is_refused_in_a_sentence(
    api: RunningApi, openthreat: Command, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a bundle. " * 100)
    code, _, err = openthreat("bundle", command, str(file))
    assert code != 0
    assert "The bundle cannot be loaded: The file is no bundle of OpenThreat." in err
    with api.database.reading() as connection:
        assert BundleRepository(connection).get() is None
    code, _, err = openthreat("bundle", command, str(tmp_path / "missing"))
    assert code != 0
    assert "missing" in err


def test_a_folder_that_does_not_exist_is_named(api: RunningApi, openthreat: Command, tmp_path: Path) -> None:
    code, _, err = openthreat("bundle", "create", str(tmp_path / "no" / "all.otbundle"))
    assert code == 1
    assert "cannot be written" in err


def test_nothing_is_left_of_a_download_that_breaks_off(
    api: RunningApi, origin: UpdatedDatabase, openthreat: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"".join(create_bundle(origin.database))

    def broken(_database: Database, _clock: Callable[[], datetime]) -> Iterator[bytes]:
        yield whole[:500]
        raise OSError("the database is gone")

    monkeypatch.setattr("backend.api.routes.bundle.create_bundle", broken)
    api.stop()
    api.start()
    code, _, err = openthreat("bundle", "create", str(tmp_path / "all.otbundle"))
    assert code == 3
    assert "broke off" in err
    assert not list(tmp_path.glob("all*"))


def test_a_signed_one_is_checked_by_the_setting(
    api: RunningApi, origin: UpdatedDatabase, openthreat: Command, tmp_path: Path
) -> None:
    code, out, _ = openthreat("bundle", "key", str(tmp_path / "key"))
    assert code == 0
    public = out.strip()
    api.work = load
    openthreat("bundle", "load", str(origin.bundle()), "--wait")
    file = tmp_path / "all.otbundle"
    code, out, _ = openthreat("bundle", "create", str(file), "--sign", str(tmp_path / "key"))
    assert (code, "signed; the signature was not checked" in out) == (0, True)
    (api.settings.home / "settings.toml").write_text(f'[bundle]\ntrusted_key = "{public}"\n', encoding="utf-8")
    code, out, _ = openthreat("bundle", "inspect", str(file))
    assert (code, f"signed with {public}" in out) == (0, True)
    code, _, err = openthreat("bundle", "inspect", str(origin.bundle()))
    assert (code, "not signed" in err) == (1, True)
    assert openthreat("bundle", "key", str(tmp_path / "key"))[0] == 1
