"""Sampling real processes."""

import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from desktop.host import Child, kill_tree, this_host
from desktop.state.resource_sampler import ResourceSampler
from tests.integration.children import launch
from tests.servers import wait_until

BURN = "import time; print('burning', flush=True); end = time.monotonic() + 300\nwhile time.monotonic() < end: pass"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def idle() -> Iterator[Child]:
    child = this_host().spawn(launch("obeys"))
    yield child
    child.kill()
    child.wait()


@pytest.fixture
def family() -> Iterator[int]:
    """A parent process that waits for a child that uses the CPU."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        try:
            assert parent.stdout.readline().strip() == b"burning"
            yield parent.pid
        finally:
            kill_tree(parent.pid)


def test_memory_is_told_at_once_and_the_processor_from_the_second_look_on(idle: Child) -> None:
    wait_until(lambda: psutil.Process(idle.pid).memory_info().rss > 2**20, "its program is loaded")
    first = ResourceSampler().usage_of(idle.pid)
    assert first is not None
    assert first.cpu_percent == 0.0
    assert first.memory_bytes > 2**20


def test_a_descendants_work_counts(family: int) -> None:
    gauge = ResourceSampler()
    gauge.usage_of(family)

    def burns() -> bool:
        used = gauge.usage_of(family)
        return used is not None and used.cpu_percent > 20

    wait_until(burns, "the child's work is seen")


def test_what_it_used_is_set_against_the_time_since_the_last_look(family: int) -> None:
    time = Time()
    gauge = ResourceSampler(time)
    gauge.usage_of(family)
    time.now += 1e9
    used = gauge.usage_of(family)
    assert used is not None
    assert used.cpu_percent < 0.001


def test_a_process_that_is_gone_uses_nothing(idle: Child) -> None:
    gauge = ResourceSampler()
    assert gauge.usage_of(idle.pid) is not None
    idle.kill()
    idle.wait()
    assert gauge.usage_of(idle.pid) is None
    assert gauge.usage_of(idle.pid) is None
