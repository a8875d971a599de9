"""What children have in common on every platform."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import IO, BinaryIO, cast

from desktop.host.interface import Launch

STOP_LINE = b"stop\n"


class PipedChild:
    """A process whose standard input is the channel to stop it, and whose output comes through one pipe."""

    def __init__(self, launch: Launch, *, new_session: bool = False, flags: int = 0) -> None:
        if not Path(launch.command[0]).is_absolute():
            raise ValueError(f"not an absolute path: {launch.command[0]}")
        self._process = subprocess.Popen(  # noqa: S603 - an absolute path, and no shell
            launch.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=launch.folder,
            env=launch.environment,
            bufsize=0,
            start_new_session=new_session,
            creationflags=flags,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    def ask_to_stop(self) -> None:
        channel = cast(IO[bytes], self._process.stdin)
        with contextlib.suppress(OSError, ValueError):  # it is gone already, or was asked before
            channel.write(STOP_LINE)
        with contextlib.suppress(OSError):
            channel.close()
