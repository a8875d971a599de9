"""The product that a record is named by: vendor and product belong together."""

from __future__ import annotations

import pytest

from backend.contract.names import Source
from backend.contract.vulnerabilities import AffectedProduct, Vulnerability, name_of

TOMCAT = AffectedProduct(source=Source.NVD, cpe="cpe:2.3:a:apache:tomcat:*:*:*:*:*:*:*:*")
LINUX = AffectedProduct(source=Source.NVD, cpe="cpe:2.3:o:redhat:enterprise_linux:8.0:*:*:*:*:*:*:*", vulnerable=False)
BY_CNA = AffectedProduct(source=Source.MITRE, vendor="Apache Software Foundation", product="Apache Tomcat")
BY_CISA = AffectedProduct(source=Source.CISA, vendor="Apache", product="Tomcat")


def main_product(*affected: AffectedProduct) -> tuple[str, str]:
    names = {"vendors": ("apache", "redhat"), "products": ("enterprise linux", "tomcat")}
    record = Vulnerability.model_construct(**names, affected_products=affected)
    return record.main_product


def test_a_vendor_is_never_paired_with_the_product_of_another() -> None:
    assert main_product(LINUX, TOMCAT) == ("apache", "tomcat")
    assert main_product(TOMCAT, LINUX) == ("apache", "tomcat")


def test_the_name_is_that_of_the_best_source() -> None:
    assert main_product(TOMCAT, BY_CNA, BY_CISA) == ("Apache", "Tomcat")
    assert main_product(TOMCAT, BY_CNA) == ("Apache Software Foundation", "Apache Tomcat")


def test_a_record_without_a_whole_pair_has_no_product() -> None:
    assert main_product() == ("", "")
    assert main_product(LINUX) == ("", "")
    assert main_product(AffectedProduct(source=Source.CISA, vendor="Apache")) == ("", "")
    assert main_product(AffectedProduct(source=Source.NVD, cpe="cpe:2.3:a:*:-:*:*:*:*:*:*:*:*")) == ("", "")
    assert main_product(AffectedProduct(source=Source.NVD, cpe="no cpe: at all")) == ("", "")


def test_escapes_of_a_cpe_are_undone() -> None:
    entry = AffectedProduct(source=Source.NVD, cpe=r"cpe:2.3:a:acme\:corp:c\+\+_builder:1:*:*:*:*:*:*:*")
    assert entry.named == ("acme:corp", "c++ builder")


@pytest.mark.parametrize(
    ("vendor", "product", "name"),
    [
        ("Apache", "Tomcat", "Apache Tomcat"),
        ("Apache", "Apache Tomcat", "Apache Tomcat"),
        ("", "Tomcat", "Tomcat"),
        ("Apache", "", "Apache"),
        ("Go", "Gopher", "Go Gopher"),
        ("", "", ""),
    ],
)
def test_a_vendor_is_not_said_twice(vendor: str, product: str, name: str) -> None:
    assert name_of(vendor, product) == name
