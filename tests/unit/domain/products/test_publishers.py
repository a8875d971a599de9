from __future__ import annotations

import pytest

from backend.domain.products.publishers import may_be_same, name_words, named_like


@pytest.mark.parametrize(
    ("publisher", "vendor"),
    [
        ("Adobe Systems Incorporated", "adobe"),
        ("The GIMP Team", "gimp"),
        ("The Wireshark developer community, https://www.wireshark.org", "wireshark"),
        ("https://golang.org", "golang"),
        ("mapeditor.org", "mapeditor"),
        ("Foxit Software Inc.", "foxitsoftware"),
        ("ESET, spol. s r.o.", "eset"),
        ("Oracle and/or its affiliates", "oracle corporation"),
        ("Docker Inc.", "docker"),
        ("Notepad++ Team", "notepad-plus-plus"),
        ("Advanced Micro Devices, Inc.", "amd"),
        ("Hewlett-Packard Company", "hp"),
        ("HP", "hewlett packard"),
    ],
)
def test_the_same_company_in_other_words(publisher: str, vendor: str) -> None:
    assert may_be_same(publisher, vendor)


@pytest.mark.parametrize(
    ("publisher", "vendor"),
    [
        ("Mozilla", "microsoft"),
        ("Tim Kosse", "filezilla-project"),
        ("BrickLink Corporation", "beekeeper studio, inc."),
        ("The Team", "the project"),
        ("Apple Inc.", "apache"),
        ("", "acme"),
        ("Open Whisper Systems", "open source"),
        ("Advanced Micro Devices", "am"),
        ("Acme", "a"),
    ],
)
def test_other_companies(publisher: str, vendor: str) -> None:
    assert not may_be_same(publisher, vendor)


def test_a_name_of_common_words_only_keeps_them() -> None:
    assert name_words("The Software Company") == ("the", "software", "company")


@pytest.mark.parametrize(
    ("vendor", "product"),
    [
        ("winscp", "winscp"),
        ("calibre_project", "calibre"),
        ("getgreenshot", "greenshot"),
        ("caddyserver", "caddy"),
        ("notepad-plus-plus", "notepad++"),
        ("filezilla-project", "filezilla_client"),
        ("vlc", "vlc"),
    ],
)
def test_vendors_named_after_their_product(vendor: str, product: str) -> None:
    assert named_like(vendor, product)


@pytest.mark.parametrize(("vendor", "product"), [("google", "chrome"), ("vmware", "vm"), ("ab", "abc"), ("", "")])
def test_vendors_with_a_name_of_their_own(vendor: str, product: str) -> None:
    assert not named_like(vendor, product)
