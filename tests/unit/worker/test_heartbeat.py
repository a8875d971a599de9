"""Which processes of this machine have ended."""

from __future__ import annotations

import subprocess
import sys

from backend.worker.runs.heartbeat import is_gone, this_process


def test_a_living_process_is_not_gone_and_an_ended_one_is() -> None:
    me = this_process(["slow"])
    assert not is_gone(me.host, me.pid, me.process_started)
    assert is_gone(me.host, me.pid, me.process_started - 1000), "the pid is somebody else's now"
    assert not is_gone("another-host", 1, 0.0)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert is_gone(me.host, child.pid, 0.0)
