"""No descendant outlives its child process, and no child outlives the supervisor."""

import os
import signal
import subprocess
import sys

import pytest

from desktop.host import Child, this_host
from tests.integration.children import PROGRAM, ROOT, launch, lives
from tests.servers import wait_until


def number(child: Child) -> int:
    line = b""
    while not line.endswith(b"\n"):
        line += child.output.read(1)
    return int(line)


@pytest.mark.parametrize("behaviour", ["has a family", "has a family and ignores"])
def test_killing_a_child_ends_its_grandchildren(behaviour: str) -> None:
    child = this_host().spawn(launch(behaviour))
    grandchild = number(child)
    assert lives(grandchild)
    child.kill()
    child.wait()
    wait_until(lambda: not lives(grandchild), "the grandchild is gone")


@pytest.mark.parametrize("behaviour", ["has a family", "leaves an orphan"])
def test_a_child_that_ends_leaves_nobody_behind(behaviour: str) -> None:
    child = this_host().spawn(launch(behaviour))
    grandchild = number(child)
    child.request_stop()
    assert child.wait() == 0
    wait_until(lambda: not lives(grandchild), "the grandchild is gone")


SUPERVISOR = """
import sys, time
from desktop.host import this_host
from tests.integration.children import launch
children = [this_host().spawn(launch(behaviour)) for behaviour in sys.argv[1:]]
print(*(child.pid for child in children), flush=True)
time.sleep(600)
"""


def test_children_die_with_a_supervisor_that_is_killed_even_if_they_ignore_everything() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SUPERVISOR, "obeys", "ignores", "ignores"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert all(map(lives, pids))
        supervisor.kill()
    wait_until(lambda: not any(map(lives, pids)), "all children are gone", seconds=2)


@pytest.mark.skipif(sys.platform == "win32", reason="a job object holds the child before its first instruction")
def test_a_child_whose_parent_is_gone_before_it_could_tether_itself_ends_at_once() -> None:
    stranger = {**os.environ, "PYTHONPATH": str(ROOT), "OPENTHREAT_PARENT": "1"}
    ended = subprocess.run([sys.executable, str(PROGRAM), "talks"], env=stranger, cwd=ROOT, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == b""
