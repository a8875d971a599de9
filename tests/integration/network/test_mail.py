"""Mail to a real server on loopback: only over verified TLS, never twice, and refusals are reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from backend.contract.errors import ReportNotDelivered
from backend.contract.settings import MailSecurity, MailSettings
from backend.network.mail import MailServer, MailUncertain, send_mail, send_test_mail
from tests.fakes.mail_server import MailBehaviour
from tests.fakes.mail_server import MailServer as FakeServer
from tests.fakes.tls_server import Authority
from tests.servers import free_port

Start = Callable[..., FakeServer]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def start(authority: Authority) -> Iterator[Start]:
    servers: list[FakeServer] = []

    def run(host: str = "localhost", **options: object) -> FakeServer:
        servers.append(FakeServer(authority.context_for(host), **options))
        return servers[-1]

    yield run
    for server in servers:
        server.close()


def way(port: int, authority: Authority | None, **more: object) -> MailServer:
    facts = {"server": "localhost", "port": port, "sender": "pc@example.org", "recipients": ("it@example.org",), **more}
    return MailServer(MailSettings(**facts), "geheim", authority.file if authority else None)


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "pc@example.org", "it@example.org", "Bericht ü"
    message.set_content("Text\n")
    return message


@pytest.mark.parametrize("security", list(MailSecurity))
def test_a_mail_is_accepted_over_tls(start: Start, authority: Authority, security: MailSecurity) -> None:
    server = start(from_start=security is MailSecurity.TLS)
    order: list[str] = []
    refused = send_mail(
        way(server.port, authority, security=security, user="me"), mail(), lambda: order.extend(server.commands)
    )
    assert refused == ""
    (taken,) = server.mails
    assert taken["Subject"] == "Bericht ü"
    assert order[-1] == "AUTH", "the handing over begins once the server has let the user in"
    assert "geheim" not in repr(way(1, authority))


def test_a_test_mail_says_what_it_is(start: Start, authority: Authority) -> None:
    server = start()
    assert send_test_mail(way(server.port, authority)) == ""
    assert "OpenThreat" in server.mails[0]["Subject"]


def test_a_certificate_of_nobody_known_is_not_trusted(start: Start) -> None:
    server = start()
    with pytest.raises(ReportNotDelivered, match="certificate cannot be verified"):
        send_mail(way(server.port, None), mail())
    assert server.mails == []


def test_a_certificate_for_another_name_is_not_trusted(start: Start, authority: Authority) -> None:
    server = start("mail.example.org")
    with pytest.raises(ReportNotDelivered, match="certificate cannot be verified"):
        send_mail(way(server.port, authority), mail())


def test_nothing_is_sent_in_plain_text(start: Start, authority: Authority) -> None:
    server = start(behaviour=MailBehaviour(offers_starttls=False))
    with pytest.raises(ReportNotDelivered, match="does not encrypt in this way") as caught:
        send_mail(way(server.port, authority, user="me"), mail())
    assert "AUTH" not in server.commands
    assert "encryption" in caught.value.hint


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("AUTH", "user or password"),
        ("MAIL", "refuses the mail"),
        ("RCPT", "refuses the recipients"),
        (".", "refuses the mail"),
    ],
)
def test_what_the_server_refuses_is_said(start: Start, authority: Authority, command: str, title: str) -> None:
    server = start(behaviour=MailBehaviour(refuses=command))
    with pytest.raises(ReportNotDelivered, match=title):
        send_mail(way(server.port, authority, user="me"), mail())
    assert server.mails == []


@pytest.mark.parametrize("command", ["EHLO", "AUTH"])
def test_an_end_before_the_message_is_no_delivery(start: Start, authority: Authority, command: str) -> None:
    server, handed = start(behaviour=MailBehaviour(ends_after=command)), []
    with pytest.raises(ReportNotDelivered, match="cannot be reached"):
        send_mail(way(server.port, authority, user="me"), mail(), lambda: handed.append(True))
    assert handed == []


def test_an_end_before_the_answer_is_uncertain(start: Start, authority: Authority) -> None:
    server = start(behaviour=MailBehaviour(ends_after="."))
    with pytest.raises(MailUncertain):
        send_mail(way(server.port, authority), mail())
    assert len(server.mails) == 1


def test_no_server_at_all(authority: Authority) -> None:
    with pytest.raises(ReportNotDelivered, match="cannot be reached") as caught:
        send_mail(way(free_port(), authority), mail())
    assert "Reports in the settings" in caught.value.hint


def test_a_server_that_speaks_no_tls_where_it_is_expected(start: Start, authority: Authority) -> None:
    server = start()
    with pytest.raises(ReportNotDelivered) as caught:
        send_mail(way(server.port, authority, security=MailSecurity.TLS), mail())
    assert "encryption" in caught.value.hint
