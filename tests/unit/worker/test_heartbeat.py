"""Which processes of this machine have ended."""

from __future__ import annotations

import subprocess
import sys

from backend.worker.runs.heartbeat import has_ended, this_process


def test_a_living_process_is_not_gone_and_an_ended_one_is() -> None:
    me = this_process(["slow"])
    assert not has_ended(me.host, me.pid, me.process_started)
    assert has_ended(me.host, me.pid, me.process_started - 1000), "the pid is somebody else's now"
    assert not has_ended("another-host", 1, 0.0)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert has_ended(me.host, child.pid, 0.0)
