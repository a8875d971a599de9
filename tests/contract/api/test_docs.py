"""The page at /docs: all that it loads comes from the API itself, under the same rules as every other address."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.contract.api.conftest import BASE, Stage


class Loaded(HTMLParser):
    """Collects the addresses that a browser fetches for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]


def loaded_by(stage: Stage) -> list[str]:
    page = Loaded()
    page.feed(stage.client.get("/docs").text)
    return page.addresses


def test_everything_the_page_loads_is_served_by_this_api(stage: Stage) -> None:
    addresses = loaded_by(stage)
    assert {address.rpartition(".")[2] for address in addresses} == {"js", "css", "png"}
    for address in addresses:
        assert urlsplit(urljoin(f"{BASE}/docs", address)).netloc == urlsplit(BASE).netloc
        assert stage.client.get(address).status_code == 200, address


def test_no_address_in_page_or_styles_names_another_host(stage: Stage) -> None:
    page = stage.client.get("/docs").text
    assert "://" not in page
    assert '"validatorUrl": null' in page
    for address in loaded_by(stage):
        if address.endswith(".css"):
            fetched = re.findall(r"url\(\s*[\"']?([^)]{0,20})", stage.client.get(address).text)
            assert all(text.startswith("data:") for text in fetched)


def test_the_browser_is_told_to_load_from_nowhere_else(stage: Stage) -> None:
    policy = stage.client.get("/docs").headers["content-security-policy"]
    sources = {source for directive in policy.split(";") for source in directive.split()[1:]}
    assert policy.startswith("default-src 'self'")
    assert sources == {"'self'", "'unsafe-inline'", "data:"}


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_pages_of_other_sites_get_neither_page_nor_files(stage: Stage, header: dict[str, str]) -> None:
    for address in ["/docs", *loaded_by(stage)]:
        assert stage.client.get(address, headers=header).status_code == 403
