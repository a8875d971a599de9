"""The settings of reports: what is no address or no server is refused with the name of the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.contract.settings import UserSettings, check_mail_address, parse_settings, report_folder

WHOLE = """
[report]
folder = "/srv/reports"
format = "pdf"
[report.mail]
enabled = true
server = "mail.example.org"
port = 465
security = "tls"
sender = "pc@example.org"
recipients = ["it@example.org"]
"""


def test_all_is_off_and_in_the_data_folder_at_first() -> None:
    settings = UserSettings()
    assert not settings.report.mail.enabled
    assert report_folder(Path("/data"), settings) == Path("/data/reports")


def test_a_whole_table_is_read() -> None:
    settings = parse_settings(WHOLE.encode())
    assert report_folder(Path("/data"), settings) == Path("/srv/reports")
    assert settings.report.mail.recipients == ("it@example.org",)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('sender = "pc@example.org"', 'sender = "nobody"', "report.mail.sender"),
        ('["it@example.org"]', '["it@example.org", "a@b\\nBcc: c@d"]', "report.mail.recipients"),
        ('["it@example.org"]', "[]", "report.mail"),
        ('"mail.example.org"', '"https://mail.example.org"', "report.mail.server"),
        ('"tls"', '"none"', "report.mail.security"),
        ("465", "0", "report.mail.port"),
        ('"pdf"', '"docx"', "report.format"),
    ],
)
def test_what_cannot_be_used_is_named(old: str, new: str, place: str) -> None:
    with pytest.raises(ValueError, match=place):
        parse_settings(WHOLE.replace(old, new).encode())


@pytest.mark.parametrize("address", [" name@example.org ", "ä.b+c@münchen.example", "a@localhost"])
def test_addresses(address: str) -> None:
    assert check_mail_address(address) == address.strip()


@pytest.mark.parametrize("address", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nTo: c@d", "<a@b>", "a@b,c@d"])
def test_no_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        check_mail_address(address)
