"""The name of a database: another one is called differently, and no password is in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend.contract.environment import Environment, read_environment
from backend.contract.settings import StackKind
from desktop.composition.database_name import database_name

ADDRESS = "postgresql://ann:geheim@db.example/vulnerabilities"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("OPENTHREAT_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return read_environment()


def test_each_stack_has_another_one(environment: Environment) -> None:
    assert len({database_name(environment, stack) for stack in StackKind}) == len(StackKind)


def test_a_file_that_was_replaced_is_another_one(environment: Environment, tmp_path: Path) -> None:
    file = environment.database_file
    none = database_name(environment, StackKind.EMBEDDED)
    file.write_bytes(b"first")
    first = database_name(environment, StackKind.EMBEDDED)
    with file.open("ab") as more:
        more.write(b"more")
    assert database_name(environment, StackKind.EMBEDDED) == first
    shutil.copy(file, tmp_path / "backup")
    (tmp_path / "backup").replace(file)
    assert len({none, first, database_name(environment, StackKind.EMBEDDED)}) == 3


def test_another_address_is_another_one_and_stays_secret(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    first = database_name(read_environment(), StackKind.EXTERNAL)
    monkeypatch.setenv("DATABASE_URL", ADDRESS.replace("vulnerabilities", "other"))
    assert database_name(read_environment(), StackKind.EXTERNAL) != first
    assert "geheim" not in first
    assert "db.example" not in first
