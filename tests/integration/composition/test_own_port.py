"""Two users of one machine have an API each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.environment import Environment, read_environment
from backend.contract.health import Dependency, DependencyState, Health, home_fingerprint
from desktop.composition.services import with_own_port
from tests.fakes.web import RawServer, answers
from tests.servers import free_port


def answer_of(home: Path) -> bytes:
    fine = Dependency(state=DependencyState.OK, message="")
    health = Health(
        status=DependencyState.OK, version="0.1.0", pid=1, home=home_fingerprint(home), started_at=datetime.now(UTC),
        database=fine, broker=fine, workers=fine, beat=fine,
    )  # fmt: skip
    return health.model_dump_json().encode()


def environment_with_port(port: int, home: Path, *, named: bool = False) -> Environment:
    """`named`: the user has set that port."""
    fields = {"home", "api_port"} if named else {"home"}
    usual = Environment.model_validate({"home": home})
    return Environment.model_construct(fields, **{**dict(usual), "api_port": port})


def test_the_port_of_another_user_is_left_to_them_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_HOME", str(tmp_path))
    monkeypatch.delenv("OPENTHREAT_API_PORT", raising=False)
    (tmp_path / ".env").write_text("NVD_API_KEY=kept", encoding="utf-8")
    with RawServer(answers(answer_of(tmp_path / "another"))) as server:
        chosen = with_own_port(environment_with_port(server.port, tmp_path)).api_port
    assert chosen > server.port
    assert read_environment().api_port == chosen
    assert (tmp_path / ".env").read_text(encoding="utf-8").startswith("NVD_API_KEY=kept\n")


def test_a_port_that_somebody_named_stays(tmp_path: Path) -> None:
    with RawServer(answers(answer_of(tmp_path / "another"))) as server:
        assert with_own_port(environment_with_port(server.port, tmp_path, named=True)).api_port == server.port
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize("body", [None, b"another program"])
def test_our_own_api_and_other_programs_are_somebody_elses_question(tmp_path: Path, body: bytes | None) -> None:
    with RawServer(answers(body or answer_of(tmp_path))) as server:
        assert with_own_port(environment_with_port(server.port, tmp_path)).api_port == server.port


def test_a_free_port_is_taken_as_it_is(tmp_path: Path) -> None:
    port = free_port()
    assert with_own_port(environment_with_port(port, tmp_path)).api_port == port
    assert not (tmp_path / ".env").exists()
