from __future__ import annotations

import json

from backend.client.inventory.entries import SkipReason
from backend.client.inventory.reading import InventoryFormat, read_inventory
from backend.contract.inventory import EntryKind, SoftwareEntry


def test_reads_what_winget_exports() -> None:
    export = {
        "$schema": "https://aka.ms/winget-packages.schema.2.0.json",
        "Sources": [
            {
                "Packages": [
                    {"PackageIdentifier": "Mozilla.Firefox.ESR", "Version": "115.0"},
                    {"PackageIdentifier": "Microsoft.VisualStudioCode"},
                ],
                "SourceDetails": {"Name": "winget"},
            },
            {"Packages": [{"PackageIdentifier": "XP8K0HKJFRXGCK"}, {"PackageIdentifier": 7}]},
        ],
    }
    imported = read_inventory(json.dumps(export).encode())
    assert imported.format == InventoryFormat.WINGET
    assert imported.inventory.software == (
        SoftwareEntry(name="Firefox ESR", publisher="Mozilla", version="115.0", purl="pkg:winget/Mozilla.Firefox.ESR"),
        SoftwareEntry(name="Visual Studio Code", publisher="Microsoft", purl="pkg:winget/Microsoft.VisualStudioCode"),
        SoftwareEntry(name="XP8K0HKJFRXGCK", publisher="XP8K0HKJFRXGCK", purl="pkg:winget/XP8K0HKJFRXGCK"),
    )
    assert imported.skip_counts == {SkipReason.UNREADABLE: 1}


REQUIREMENTS = """\
# comment
requests==2.25.1  # pinned
Django[argon2]>=4.2,<5 ; python_version >= "3.8"
typing_extensions==4.7.1 \\
    --hash=sha256:440d5dd3af93b060174bf433bccd69b0babc3b15b1a8dca43789fd7f61514b36
numpy==1.*
-r other.txt
--index-url https://example.org/simple
-e .
./local
https://example.org/x.whl
pip @ https://example.org/pip.whl
not a requirement !!
"""


def test_reads_requirements_with_exact_versions_only() -> None:
    imported = read_inventory(REQUIREMENTS.encode(), "requirements.txt")
    assert imported.format == InventoryFormat.REQUIREMENTS
    assert {entry.name: (entry.version, entry.purl) for entry in imported.inventory.software} == {
        "requests": ("2.25.1", "pkg:pypi/requests@2.25.1"),
        "Django": ("", "pkg:pypi/django"),
        "typing_extensions": ("4.7.1", "pkg:pypi/typing-extensions@4.7.1"),
        "numpy": ("", "pkg:pypi/numpy"),
        "pip": ("", "pkg:pypi/pip"),
    }
    assert all(entry.kind == EntryKind.PACKAGE for entry in imported.inventory.software)
    assert imported.skip_counts == {SkipReason.NOT_A_PACKAGE: 5, SkipReason.UNREADABLE: 1}


def test_requirements_are_found_by_their_content_too() -> None:
    assert read_inventory(b"requests==2.25.1\nflask>=2\n", "list.txt").format == InventoryFormat.REQUIREMENTS


def test_reads_a_lock_file_of_npm() -> None:
    lock = {
        "name": "app",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "app", "version": "1.0.0"},
            "node_modules/lodash": {"version": "4.17.20", "dependencies": {"x": "^1"}},
            "node_modules/@babel/core": {"version": "7.0.0", "dev": True},
            "node_modules/a/node_modules/lodash": {"version": "3.0.0"},
            "node_modules/alias": {"name": "real", "version": "2.0.0"},
            "node_modules/linked": {"link": True, "resolved": "packages/linked"},
            "packages/linked": {"version": "0.1.0"},
            "node_modules/odd": 7,
        },
    }
    imported = read_inventory(json.dumps(lock).encode())
    assert imported.format == InventoryFormat.PACKAGE_LOCK
    assert [entry.purl for entry in imported.inventory.software] == [
        "pkg:npm/lodash@4.17.20",
        "pkg:npm/%40babel/core@7.0.0",
        "pkg:npm/lodash@3.0.0",
        "pkg:npm/real@2.0.0",
    ]
    assert imported.skip_counts == {SkipReason.NOT_A_PACKAGE: 3, SkipReason.UNREADABLE: 1}


def test_reads_nested_dependencies_of_the_first_lock_format() -> None:
    lock = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
            "c": {"version": "git+https://example.org/c.git"},
        },
    }
    imported = read_inventory(json.dumps(lock).encode())
    assert [(entry.name, entry.version) for entry in imported.inventory.software] == [("a", "1.0.0"), ("b", "2.0.0")]
    assert imported.skip_counts == {SkipReason.NOT_A_PACKAGE: 1}


def test_dependencies_nested_without_end_are_read_to_a_bounded_depth() -> None:
    nested: dict[str, object] = {"version": "1"}
    for depth in range(90):
        nested = {"version": "1", "dependencies": {f"p{depth}": nested}}
    lock = {"lockfileVersion": 1, "dependencies": {"top": nested}}
    assert 60 < len(read_inventory(json.dumps(lock).encode()).inventory.software) < 70
