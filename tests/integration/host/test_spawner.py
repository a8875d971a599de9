"""What the supervisor expects of a spawner: the real host and the fake of the tests."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.host import Launch, Spawner, this_host, this_python
from tests.fakes.processes import FakeSpawner
from tests.integration.children import launch


@pytest.fixture(params=["fake", "real"])
def spawner(request: pytest.FixtureRequest) -> Spawner:
    return FakeSpawner() if request.param == "fake" else this_host()


def test_a_child_ends_by_itself_with_its_code(spawner: Spawner) -> None:
    assert spawner.spawn(launch("crashes")).wait() == 7


def test_a_child_that_is_asked_to_stop_ends_well(spawner: Spawner) -> None:
    child = spawner.spawn(launch("obeys"))
    child.request_stop()
    assert child.wait() == 0


def test_a_child_that_ignores_the_request_is_killed(spawner: Spawner) -> None:
    child = spawner.spawn(launch("ignores"))
    child.request_stop()
    child.kill()
    assert child.wait() != 0


def test_asking_and_killing_a_child_that_has_ended_is_no_error(spawner: Spawner) -> None:
    child = spawner.spawn(launch("crashes"))
    child.wait()
    child.request_stop()
    child.request_stop()
    child.kill()
    assert child.wait() == 7


def test_output_ends_with_the_child(spawner: Spawner) -> None:
    child = spawner.spawn(launch("talks"))
    output = b""
    while chunk := child.output.read(1024):
        output += chunk
    assert output.split() == [b"first", b"second"]
    assert child.wait() == 0


def test_children_have_numbers_of_their_own(spawner: Spawner) -> None:
    children = [spawner.spawn(launch("obeys")) for _ in range(2)]
    assert children[0].pid != children[1].pid
    for child in children:
        child.kill()
        child.wait()


def test_a_python_that_was_started_is_the_one_that_works() -> None:
    python, variables = this_python()
    program = "import os, sys; print(os.getpid(), sys.executable)"
    child = this_host().spawn(Launch([python, "-c", program], {**os.environ, **variables}, Path.cwd()))
    printed = child.output.readline().decode("utf-8").split(maxsplit=1)
    child.wait()
    assert (int(printed[0]), Path(printed[1].strip())) == (child.pid, Path(sys.executable))


def test_a_program_is_named_by_an_absolute_path(spawner: Spawner) -> None:
    with pytest.raises(ValueError, match="not an absolute path"):
        spawner.spawn(replace(launch("obeys"), command=["python3", "obeys"]))


def test_a_program_that_is_not_there_is_an_os_error(spawner: Spawner, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        spawner.spawn(replace(launch("obeys"), command=[str(tmp_path / "none"), "obeys"]))
