"""Mail by SMTP (RFC 5321), only over TLS: a message is handed to the server of the user's own choice."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import truststore

from backend.contract.errors import CertificateUntrusted, ReportNotDelivered
from backend.contract.settings import MailSecurity, MailSettings
from backend.network.session import trust_file

TIMEOUT_S = 30.0
"""Seconds for each answer of the server."""


@dataclass(frozen=True)
class MailServer:
    """The server that takes the mail, and how it is trusted."""

    settings: MailSettings
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


class MailUncertain(Exception):  # noqa: N818 - names a state
    """The connection ended while the message was handed over: the server may have accepted it."""


def send_mail(server: MailServer, message: EmailMessage, handing_over: Callable[[], None] = lambda: None) -> str:
    """Hand a message to the server.

    Args:
        handing_over: Called once all that can fail before the message itself has succeeded.

    Returns:
        What the server did not accept, in words; empty where all recipients get it.

    Raises:
        ReportNotDelivered: The server did not accept it.
        MailUncertain: It may have accepted it.
    """
    connection = _connected(server)
    try:
        handing_over()
        return _hand_over(connection, message)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()


def send_test_mail(server: MailServer) -> str:
    """Send a mail that says that mails arrive. As `send_mail`, but what is uncertain counts as not delivered."""
    message = EmailMessage()
    message["From"], message["To"] = server.settings.sender, ", ".join(server.settings.recipients)
    message["Subject"], message["Auto-Submitted"] = "Test mail of OpenThreat", "auto-generated"
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=server.settings.sender.rpartition("@")[2])
    message.set_content("Reports of OpenThreat will arrive like this mail.\n")
    try:
        return send_mail(server, message)
    except MailUncertain as error:
        raise ReportNotDelivered(
            "The mail server did not confirm the mail", f"{error}", "It may arrive all the same."
        ) from error


def _connected(server: MailServer) -> smtplib.SMTP:
    """Return a connection over TLS, signed in."""
    settings = server.settings
    try:
        return _signed_in(server, _trust(server.ca_file))
    except CertificateUntrusted as error:
        raise ReportNotDelivered(error.title, error.message, error.hint) from error
    except smtplib.SMTPAuthenticationError as error:
        raise ReportNotDelivered(
            "The mail server refuses user or password",
            _reason(error),
            "Enter both again under Reports in the settings.",
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise ReportNotDelivered(
            "The mail server's certificate cannot be verified",
            f"{settings.server}: {error.verify_message}.",
            "Correct the server's name, or choose its certificate file under Network in the settings.",
        ) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        raise ReportNotDelivered(
            "The mail server does not encrypt in this way",
            f"{settings.server}:{settings.port}: {error}",
            "Choose the other kind of encryption, or another port, under Reports in the settings.",
        ) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise ReportNotDelivered(
            "The mail server cannot be reached",
            f"{settings.server}:{settings.port}: {_reason(error)}.",
            "Look at its name and port under Reports in the settings.",
        ) from error


def _signed_in(server: MailServer, trust: ssl.SSLContext) -> smtplib.SMTP:
    settings, place = server.settings, (server.settings.server, server.settings.port)
    if settings.security is MailSecurity.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=TIMEOUT_S, context=trust)
    else:
        connection = smtplib.SMTP(*place, timeout=TIMEOUT_S)
    try:
        if settings.security is MailSecurity.STARTTLS:
            connection.starttls(context=trust)
        if settings.user:
            _log_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, server: MailServer) -> None:
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("auth"):
        raise ReportNotDelivered(
            "The mail server knows no users here",
            f"{server.settings.server}:{server.settings.port}",
            "Leave the user empty, or choose another port, under Reports in the settings.",
        )
    connection.login(server.settings.user, server.password)


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> str:
    try:
        refused = connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        names = ", ".join(error.recipients)
        raise ReportNotDelivered(
            "The mail server refuses the recipients", names, "Correct them under Reports in the settings."
        ) from error
    except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
        raise ReportNotDelivered(
            "The mail server refuses the mail", _reason(error), "Look at the sender under Reports in the settings."
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUncertain(_reason(error)) from error
    return f"The server refuses {', '.join(refused)}." if refused else ""


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is not None:
        trust_file(context, ca_file)
    return context


def _reason(error: Exception) -> str:
    """The server's answer, or the system's message; one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        return f"{error.smtp_code} {' '.join(words.split())}"[:500]
    strerror = error.strerror if isinstance(error, OSError) else ""
    return str(strerror or error or type(error).__name__)
