"""Stop requests on standard input."""

from __future__ import annotations

import sys
import threading

import pytest

from backend.worker.process import listen_for_stop


@pytest.mark.parametrize("lines", [["stop\n"], [], ["hello\n", "stop\n"], ["never mind\n"]])
def test_stops_on_the_word_and_when_the_supervisor_is_gone(lines: list[str]) -> None:
    stopped = threading.Event()
    listen_for_stop(stopped.set, lines)
    assert stopped.wait(10)


def test_leaves_standard_input_alone_without_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threading.active_count()
    monkeypatch.setattr(sys, "stdin", ["stop\n"])
    listen_for_stop(lambda: pytest.fail("stopped by the user's own input"))
    assert threading.active_count() == threads
