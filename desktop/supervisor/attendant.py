"""Attends to one child: carries its output into its log, and tells when it has ended."""

from __future__ import annotations

import threading
from contextlib import suppress

from desktop.host import Child
from desktop.model.events import ServiceExited
from desktop.supervisor.log_file import LineCutter, LogFile
from desktop.supervisor.ports import Post

_CHUNK = 64 * 1024
_LAST_OUTPUT_S = 2.0  # a descendant that escaped may hold the pipe for ever
_LAST_WORDS = 500


class Attendant:
    def __init__(self, service: str, child: Child, log: LogFile, post: Post) -> None:
        self._service, self._child, self._log, self._post = service, child, log, post
        self._last_words = b""
        self._reader = threading.Thread(target=self._read, name=f"output of {service}", daemon=True)
        self._waiter = threading.Thread(target=self._wait, name=f"end of {service}", daemon=True)

    def start(self) -> None:
        self._reader.start()
        self._waiter.start()

    def _read(self) -> None:
        cutter = LineCutter()
        with self._child.output as output, suppress(OSError, ValueError):
            while chunk := output.read(_CHUNK):
                self._keep(cutter.cut(chunk))
        self._keep(cutter.last())
        self._log.close()

    def _keep(self, lines: bytes) -> None:
        self._log.write(lines)
        self._log.flush()
        self._last_words = lines.rstrip().rpartition(b"\n")[2].strip() or self._last_words

    def _wait(self) -> None:
        code = self._child.wait()
        self._reader.join(_LAST_OUTPUT_S)
        words = self._last_words.decode("utf-8", "replace")[:_LAST_WORDS]
        self._post(ServiceExited(self._service, self._child.pid, code, words))
