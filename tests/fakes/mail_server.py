"""A mail server on loopback: it stores what it accepts, and fails where the test sets a fault."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailBehaviour:
    """What the server does otherwise than to accept everything.

    refuses: the command that is answered by 550, such as "AUTH" or "RCPT"; ends_after: the command after which the
    connection ends without an answer; ".": the end of a message; offers_starttls: whether it does.
    """

    refuses: str = ""
    ends_after: str = ""
    offers_starttls: bool = True


@dataclass
class MailServer:
    """context: of its certificate; from_start: whether it uses TLS from the beginning."""

    context: ssl.SSLContext
    from_start: bool = False
    behaviour: MailBehaviour = field(default_factory=MailBehaviour)
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                return
            try:
                _Session(self, visitor).run()
            except (OSError, _Ended):
                visitor.close()


class _Ended(Exception):  # noqa: N818 - names a state
    pass


class _Session:
    def __init__(self, server: MailServer, visitor: socket.socket) -> None:
        self._server, self._socket = server, visitor
        if server.from_start:
            self._encrypt()
        self._lines = self._socket.makefile("rb")

    def run(self) -> None:
        self._say("220 ready")
        while line := self._lines.readline():
            words = line.decode("ascii", "replace").strip()
            command = words.partition(" ")[0].upper()
            self._server.commands.append(command)
            self._answer(command, words)
            if command == "QUIT":
                raise _Ended

    def _answer(self, command: str, words: str) -> None:
        behaviour = self._server.behaviour
        if command == behaviour.ends_after:
            raise _Ended
        if command == behaviour.refuses:
            self._say("550 not you\r\n" if command != "AUTH" else "535 wrong password")
        elif command == "EHLO":
            self._greet()
        elif command == "STARTTLS":
            self._say("220 go on")
            self._encrypt()
            self._lines = self._socket.makefile("rb")
        elif command == "DATA":
            self._say("354 go on")
            self._take()
        else:
            self._say("235 in" if words.upper().startswith("AUTH") else "250 ok")

    def _greet(self) -> None:
        plain = not isinstance(self._socket, ssl.SSLSocket)
        if plain and self._server.behaviour.offers_starttls:
            self._say("250-here\r\n250 STARTTLS")
        else:
            self._say("250-here\r\n250 AUTH PLAIN LOGIN")

    def _take(self) -> None:
        lines = []
        while (line := self._lines.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if self._server.behaviour.refuses == ".":
            self._say("554 no")
            return
        message = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        self._server.mails.append(message)
        if self._server.behaviour.ends_after == ".":
            raise _Ended
        self._say("250 taken")

    def _encrypt(self) -> None:
        self._socket = self._server.context.wrap_socket(self._socket, server_side=True)

    def _say(self, words: str) -> None:
        self._socket.sendall(words.rstrip().encode() + b"\r\n")
