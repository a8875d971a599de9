"""Names in CPE match strings."""

from __future__ import annotations

import pytest

from backend.domain.cpe import name_of, vendor_and_product


@pytest.mark.parametrize(
    ("cpe", "names"),
    [
        ("cpe:2.3:a:examplesoft:frob_server:1.0:*:*:*:*:*:*:*", ("examplesoft", "frob_server")),
        (r"cpe:2.3:a:ex\:ample:frob\/server\!:1.0:*:*:*:*:*:*:*", ("ex:ample", "frob/server!")),
        (r"cpe:2.3:a:back\\:slash:1.0:*:*:*:*:*:*:*", ("back\\", "slash")),
        (r"cpe:2.3:o:examplesoft:frob:1\:0:*:*:*:*:*:*:*", ("examplesoft", "frob")),
        ("cpe:2.3:h:*:-:*:*:*:*:*:*:*:*", ("", "")),
        ("cpe:2.3:a:examplesoft", ("examplesoft", "")),
        ("nonsense", ("", "")),
        ("", ("", "")),
    ],
)
def test_vendor_and_product_without_escapes(cpe: str, names: tuple[str, str]) -> None:
    assert vendor_and_product(cpe) == names


@pytest.mark.parametrize(
    ("vendor", "product", "read"),
    [
        ("Mozilla", "Firefox", ("mozilla", "firefox")),
        ("Cisco  Systems", "IOS XE", ("cisco_systems", "ios_xe")),
        ("notepad++", r"a:b\c*?", ("notepad++", r"a:b\c*?")),
        ("Müller & Söhne", "-", ("müller_&_söhne", "")),
    ],
)
def test_a_name_is_made_of_what_people_write(vendor: str, product: str, read: tuple[str, str]) -> None:
    assert vendor_and_product(name_of(vendor, product)) == read
