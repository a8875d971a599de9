"""Reports by mail: the page as the text, and the file of the chosen form attached where that is another one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, tzinfo
from email.message import EmailMessage
from email.utils import format_datetime

from backend.contract.report import Report, ReportFormat
from backend.contract.settings import MailSettings
from backend.network.mail import MailServer, MailUncertain, send_mail
from backend.services.report.folder import file_name
from backend.services.report.html import as_html, headline
from backend.services.report.rendering import MEDIA_TYPES, render

_PLACE = uuid.UUID("8f0f7c0b-5c0d-4b2e-9d5c-6a8a3a1a9b21")
_UNCERTAIN = "The server ended the connection before it confirmed the mail. It is not sent again: it may have arrived."


class MailDelivery:
    name = "mail"

    def __init__(self, server: MailServer, form: ReportFormat, zone: tzinfo) -> None:
        self._server, self._format, self._zone = server, form, zone

    def deliver(self, report: Report, handing_over: Callable[[], None]) -> str:
        message = report_mail(report, self._server.settings, self._format, self._zone)
        try:
            refused = send_mail(self._server, message, handing_over)
        except MailUncertain:
            return _UNCERTAIN
        return refused or f"Sent to {', '.join(self._server.settings.recipients)}."


def report_mail(report: Report, settings: MailSettings, form: ReportFormat, zone: tzinfo) -> EmailMessage:
    """Return the mail of a report. The same report has the same id, by which servers find out what comes twice."""
    page, day = as_html(report, zone), f"{report.until.astimezone(zone):%Y-%m-%d}"
    message = _addressed(settings, f"Vulnerability report {day}: {headline(report)}")
    key = f"{settings.sender} {' '.join(settings.recipients)} {report.since.isoformat()} {report.until.isoformat()}"
    message["Message-ID"] = f"<{uuid.uuid5(_PLACE, key)}@{settings.sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(report.generated_at.astimezone(UTC))
    message.set_content(f"{headline(report)}\n\nThe report is in the HTML part of this mail.\n")
    message.add_alternative(page, subtype="html")
    if form is not ReportFormat.HTML:
        kind, _, subtype = MEDIA_TYPES[form].partition(";")[0].partition("/")
        content, name = render(report, form, zone), file_name(report, form, zone)
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message


def _addressed(settings: MailSettings, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.sender, ", ".join(settings.recipients), subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no program shall answer it
    return message
