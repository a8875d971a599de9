"""The editor of the watchlist: completion of names, and what an entry would have shown in the last month."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.contract.names import Severity
from backend.domain.claims import Affected
from tests.contract.api.conftest import NOW, Json, Stage
from tests.contract.api.test_match import put
from tests.fakes.vulnerabilities import vulnerability


def cpe(vendor: str, product: str) -> str:
    return f"cpe:2.3:a:{vendor}:{product}:*:*:*:*:*:*:*:*"


def about(cve_id: str, vendor: str, product: str, **fields: object) -> tuple[object, tuple[Affected, ...]]:
    named = {"vendors": (vendor,), "products": (product,), "published_at": NOW - timedelta(days=3), **fields}
    return vulnerability(cve_id, **named), (Affected(cpe=cpe(vendor, product), version_end_excluding="2.0"),)


@pytest.fixture
def world(stage: Stage) -> Stage:
    put(
        stage.database,
        about("CVE-2026-1001", "mozilla", "firefox", severity=Severity.CRITICAL),
        about("CVE-2026-1002", "mozilla", "firefox", exploited_in_the_wild=True, kev_date_added=NOW.date()),
        about("CVE-2026-1003", "mozilla", "thunderbird"),
        about("CVE-2020-1004", "mozilla", "firefox", severity=Severity.CRITICAL, published_at=NOW - timedelta(days=90)),
        about(
            "CVE-2019-1007",
            "mozilla",
            "firefox",
            exploited_in_the_wild=True,
            kev_date_added=NOW.date() - timedelta(days=40),
            published_at=NOW - timedelta(days=900),
        ),
        about("CVE-2026-1005", "moxa", "nport"),
        about("CVE-2026-1006", "broadcom", "esxi"),
    )
    return stage


def products(stage: Stage, **parameters: str) -> list[tuple[str, str]]:
    return [(item["vendor"], item["product"]) for item in stage.get("/products", **parameters)["items"]]


def preview(stage: Stage, **entry: str) -> Json:
    return stage.get("/watchlist/preview", **entry)


def events(stage: Stage, **entry: str) -> dict[str, tuple[int, list[str]]]:
    month = preview(stage, **entry)["last_month"]
    return {kind["kind"]: (kind["count"], [example["cve_id"] for example in kind["examples"]]) for kind in month}


def nearest(stage: Stage, **entry: str) -> list[tuple[str, str]]:
    return [(item["vendor"], item["product"]) for item in preview(stage, **entry)["nearest"]]


@pytest.mark.parametrize("prefix", ["mo", "MO", " Mo"])
def test_vendors_by_their_beginning_those_with_more_products_first(world: Stage, prefix: str) -> None:
    assert world.get("/vendors", prefix=prefix)["items"] == ["mozilla", "moxa"]


@pytest.mark.parametrize("prefix", ["", "zz", "%", "_", "\ufffd", "\x00"])
def test_nothing_begins_with_nothing_or_with_signs(world: Stage, prefix: str) -> None:
    assert world.get("/vendors", prefix=prefix)["items"] == []
    assert products(world, prefix=prefix) == []


def test_products_of_a_vendor_those_with_more_vulnerabilities_first(world: Stage) -> None:
    assert products(world, vendor="Mozilla Corporation") == [("mozilla", "firefox"), ("mozilla", "thunderbird")]
    assert products(world, vendor="mozilla", prefix="thu") == [("mozilla", "thunderbird")]
    assert products(world, prefix="np") == [("moxa", "nport")]
    assert products(world, vendor="moxa", prefix="thu") == []


def test_at_most_twenty_names(stage: Stage) -> None:
    put(stage.database, *(about(f"CVE-2026-{2000 + n}", f"vendor{n}", f"product{n}") for n in range(30)))
    assert len(stage.get("/vendors", prefix="vendor")["items"]) == 20
    assert len(products(stage, prefix="product")) == 20


def test_what_a_product_would_have_shown_in_the_last_month(world: Stage) -> None:
    assert preview(world, vendor="mozilla", product="firefox")["total"] == 4
    assert events(world, vendor="mozilla", product="firefox") == {
        "exploited": (1, ["CVE-2026-1002"]),
        "critical": (1, ["CVE-2026-1001"]),
    }


def test_a_vendor_without_events_still_selects_its_records(world: Stage) -> None:
    assert preview(world, vendor="moxa") == preview(world, vendor="moxa") | {"total": 1, "nearest": []}
    assert events(world, vendor="moxa") == {"exploited": (0, []), "critical": (0, [])}


def test_a_version_selects_only_what_it_is_affected_by(world: Stage) -> None:
    assert preview(world, vendor="mozilla", product="firefox", version="1.0")["total"] == 4
    assert events(world, vendor="mozilla", product="firefox", version="1.0")["exploited"] == (1, ["CVE-2026-1002"])
    assert preview(world, vendor="mozilla", product="firefox", version="3.0")["total"] == 0
    assert events(world, vendor="mozilla", product="firefox", version="3.0")["critical"] == (0, [])


def test_a_search_is_an_entry_too(world: Stage) -> None:
    assert preview(world, search="thunderbird")["total"] == 1


def test_the_nearest_names_where_nothing_has_the_name(world: Stage) -> None:
    assert nearest(world, vendor="mozila") == [("mozilla", "")]
    assert nearest(world, vendor="mozilla", product="firefoxx") == [("mozilla", "firefox")]
    assert nearest(world, vendor="vmware", product="esxi") == [("broadcom", "esxi")]
    assert nearest(world, vendor="qqqq") == []


def test_a_misspelt_field_is_refused(world: Stage) -> None:
    world.get("/watchlist/preview", 422, vendors="mozilla")
