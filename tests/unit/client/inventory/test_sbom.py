from __future__ import annotations

import json

import pytest

from backend.client.inventory.entries import InventoryUnreadable, SkipReason
from backend.client.inventory.reading import InventoryFormat, read_inventory
from backend.contract.inventory import EntryKind, SoftwareEntry

CPE = "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*"
PURL = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"


def test_reads_the_components_of_cyclonedx_also_nested_ones() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "components": [
            {
                "type": "library",
                "group": "org.apache",
                "name": "log4j-core",
                "version": "2.14.1",
                "cpe": CPE,
                "purl": PURL,
                "supplier": {"name": "Apache"},
            },
            {
                "type": "application",
                "name": "Tool",
                "publisher": "Acme",
                "components": [{"type": "library", "name": "inner", "version": "1"}],
            },
            {"type": "file", "name": "readme"},
            {"type": "library"},
            {"type": "library", "name": 7},
        ],
    }
    imported = read_inventory(json.dumps(document).encode("utf-16"))
    assert imported.format == InventoryFormat.CYCLONEDX
    assert imported.inventory.software == (
        SoftwareEntry(
            name="org.apache/log4j-core",
            publisher="Apache",
            version="2.14.1",
            cpe=CPE,
            purl=PURL,
            kind=EntryKind.LIBRARY,
        ),
        SoftwareEntry(name="Tool", publisher="Acme", kind=EntryKind.PROGRAM),
        SoftwareEntry(name="inner", version="1", kind=EntryKind.LIBRARY),
    )
    assert {skipped.where: skipped.reason for skipped in imported.skipped} == {
        "component 3": SkipReason.NOT_SOFTWARE,
        "component 4": SkipReason.NO_NAME,
        "component 5": SkipReason.UNREADABLE,
    }


LOG4J = SoftwareEntry(
    name="log4j-core", publisher="Apache", version="2.14.1", cpe=CPE, purl=PURL, kind=EntryKind.LIBRARY
)


def test_reads_the_packages_of_spdx_2() -> None:
    document = {
        "spdxVersion": "SPDX-2.3",
        "packages": [
            {
                "name": "log4j-core",
                "versionInfo": "2.14.1",
                "supplier": "Organization: Apache (mail@example.org)",
                "externalRefs": [
                    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": CPE},
                    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": PURL},
                ],
            },
            {"name": "x", "versionInfo": "NOASSERTION", "supplier": "NOASSERTION"},
        ],
    }
    imported = read_inventory(json.dumps(document).encode())
    assert imported.format == InventoryFormat.SPDX
    assert imported.inventory.software == (LOG4J, SoftwareEntry(name="x", kind=EntryKind.LIBRARY))


def test_reads_spdx_as_tags_and_values() -> None:
    document = f"""SPDXVersion: SPDX-2.3
DocumentName: x

PackageName: log4j-core
PackageVersion: 2.14.1
PackageSupplier: Organization: Apache
ExternalRef: SECURITY cpe23Type {CPE}
ExternalRef: PACKAGE-MANAGER purl {PURL}

FileName: ./readme
PackageVersion: 9

PackageName: y
"""
    imported = read_inventory(document.encode())
    assert imported.inventory.software == (LOG4J, SoftwareEntry(name="y", kind=EntryKind.LIBRARY))


def test_reads_the_packages_of_spdx_3() -> None:
    document = {
        "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
        "@graph": [
            {"type": "Person", "name": "somebody"},
            {
                "type": "software_Package",
                "name": "log4j-core",
                "software_packageVersion": "2.14.1",
                "software_packageUrl": PURL,
                "externalIdentifier": [{"externalIdentifierType": "cpe23", "identifier": CPE}],
            },
        ],
    }
    (entry,) = read_inventory(json.dumps(document).encode()).inventory.software
    assert (entry.name, entry.version, entry.cpe, entry.purl) == ("log4j-core", "2.14.1", CPE, PURL)


def test_components_nested_without_end_are_read_to_a_bounded_depth() -> None:
    component: dict[str, object] = {"type": "library", "name": "innermost"}
    for depth in range(100):
        component = {"type": "library", "name": f"c{depth}", "components": [component]}
    document = {"bomFormat": "CycloneDX", "components": [component]}
    assert 20 < len(read_inventory(json.dumps(document).encode()).inventory.software) < 50


def test_xml_is_refused_with_what_can_be_read() -> None:
    with pytest.raises(InventoryUnreadable, match="XML") as refused:
        read_inventory(b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>')
    assert "CycloneDX" in refused.value.hint
