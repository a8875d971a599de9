"""A docker program without containers: FOLDER WORDS... It keeps its state in FOLDER, and its servers are processes.

FOLDER/refusals.json says what to answer instead: {"up": [exit code, text]} ("hang": nothing).
FOLDER/asked.txt lists what was asked.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

COMMANDS = ("version", "volume", "up", "pull", "stop", "ps", "logs")


def main(folder: Path, words: list[str]) -> int:
    with (folder / "asked.txt").open("a", encoding="utf-8") as file:
        file.write(" ".join(words) + "\n")
    command = next(word for word in words if word in COMMANDS)
    refusals = folder / "refusals.json"
    told = json.loads(refusals.read_text(encoding="utf-8")) if refusals.exists() else {}
    if command in told:
        code, text = told[command]
        if text == "hang":
            time.sleep(600)
        print(text)
        return int(code)
    project = words[words.index("--project-name") + 1] if "--project-name" in words else ""
    values = read_values(Path(words[words.index("--env-file") + 1])) if "--env-file" in words else {}
    match command:
        case "version":
            print("2.40.0" if "compose" in words else "28.0.0 linux")
        case "volume":
            name = words[-1].removeprefix("name=^").removesuffix("$")
            print(name if (folder / name).exists() else "")
        case "up":
            return up(folder, project, values)
        case "stop":
            stop(folder)
        case "ps":
            for service, pid in pids(folder).items():
                print(json.dumps({"Service": service, "State": "running" if lives(pid) else "exited", "Health": ""}))
    return 0


def up(folder: Path, project: str, values: dict[str, str]) -> int:
    running = pids(folder)
    for service in ("postgres", "redis"):
        port = int(values[f"OPENTHREAT_{service.upper()}_PORT"])
        if lives(pid := running.get(service, 0)):
            if (folder / f"{service}.port").read_text(encoding="utf-8") == str(port):
                continue
            os.kill(pid, signal.SIGTERM)  # made anew, as compose does where something changed
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                print(
                    f"Error response from daemon: failed to bind host port 127.0.0.1:{port}/tcp: address already in use"
                )
                return 1
        (folder / f"{project}_{service}").touch()
        (folder / f"{service}.port").write_text(str(port), encoding="utf-8")
        environment = {**os.environ, "PASSWORD": values[f"OPENTHREAT_{service.upper()}_PASSWORD"]}
        server = subprocess.Popen(
            [sys.executable, __file__, "serve", service, str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        running[service] = server.pid
        (folder / "pids.json").write_text(json.dumps(running), encoding="utf-8")
    return 0


def stop(folder: Path) -> None:
    for pid in pids(folder).values():
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)


def pids(folder: Path) -> dict[str, int]:
    file = folder / "pids.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def lives(pid: int) -> bool:
    if not pid:
        return False
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def read_values(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())


def serve(service: str, port: int) -> None:
    """Says what the real servers say first."""
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(service, connection), daemon=True).start()


def answer(service: str, connection: socket.socket) -> None:
    with connection, suppress(OSError):
        asked = connection.recv(4096).decode("utf-8", "replace")
        if service == "postgres":
            connection.sendall(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")
        elif f"AUTH {os.environ['PASSWORD']}\r\n" in asked:
            connection.sendall(b"+OK\r\n+PONG\r\n")
        else:
            connection.sendall(b"-WRONGPASS\r\n-NOAUTH\r\n")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
