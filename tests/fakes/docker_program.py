"""A docker program for tests: FOLDER WORDS... Needs nothing but Python, and the engine that FOLDER names.

FOLDER/refusals.json has the answers to give instead: {"up": [exit code, text]} ("hang": nothing).
FOLDER/commands.txt lists the commands that were run.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path

COMMANDS = ("version", "volume", "up", "pull", "stop", "ps", "logs")


def main(folder: Path, words: list[str]) -> int:
    with (folder / "commands.txt").open("a", encoding="utf-8") as file:
        file.write(" ".join(words) + "\n")
    command = next(word for word in words if word in COMMANDS)
    refusals = folder / "refusals.json"
    refused = json.loads(refusals.read_text(encoding="utf-8")) if refusals.exists() else {}
    code, text = refused[command] if command in refused else answer(folder, command, words)
    if text == "hang":
        time.sleep(600)
    print(text)
    return int(code)


def answer(folder: Path, command: str, words: list[str]) -> tuple[int, str]:
    match command:
        case "version":
            return 0, "2.40.0" if "compose" in words else "28.0.0 linux"
        case "volume":
            return send_to_engine(folder, "volume", words[-1].removeprefix("name=^").removesuffix("$"))
        case "up":
            values = read_values(Path(words[words.index("--env-file") + 1]))
            services = {service: access(values, service.upper()) for service in ("postgres", "redis")}
            return send_to_engine(folder, "up", words[words.index("--project-name") + 1], services)
        case "stop" | "ps":
            return send_to_engine(folder, command)
    return 0, ""


def access(values: dict[str, str], service: str) -> tuple[int, str]:
    return int(values[f"OPENTHREAT_{service}_PORT"]), values[f"OPENTHREAT_{service}_PASSWORD"]


def send_to_engine(folder: Path, *order: object) -> tuple[int, str]:
    port = int((folder / "engine.port").read_text(encoding="utf-8"))
    with socket.create_connection(("127.0.0.1", port)) as engine:
        engine.sendall(json.dumps(order).encode() + b"\n")
        with engine.makefile(encoding="utf-8") as reply:
            code, text = json.load(reply)
    return int(code), str(text)


def read_values(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
