"""The list of weakness names, and the script that writes it."""

from __future__ import annotations

import runpy
from pathlib import Path
from zipfile import ZipFile

import pytest

from backend.contract.weaknesses import weakness_list, weakness_name

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[3] / "resources" / "weakness_names.py"))
catalogue, table = TOOL["catalogue"], TOOL["table"]

CATALOGUE = """<?xml version="1.0"?>
<Weakness_Catalog Name="CWE" Version="4.99" Date="2030-01-02" xmlns="http://cwe.mitre.org/cwe-7">
  <Weaknesses>
    <Weakness ID="100" Name="Made up, with a comma"/>
    <Weakness ID="20" Name="Improper &quot;Input&quot;
      Validation"/>
  </Weaknesses>
  <Categories><Category ID="16" Name="Configuration"/></Categories>
  <Views><View ID="1000" Name="Research Concepts"/></Views>
</Weakness_Catalog>"""


@pytest.mark.parametrize(
    ("cwe_id", "name"),
    [
        ("CWE-79", "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"),
        ("cwe-416", "Use After Free"),
        ("CWE-264", "Permissions, Privileges, and Access Controls"),
        ("CWE-99999", ""),
        ("NVD-CWE-noinfo", ""),
        ("", ""),
    ],
)
def test_weaknesses_and_categories_have_names(cwe_id: str, name: str) -> None:
    assert weakness_name(cwe_id) == name


def test_the_list_states_its_edition_and_is_whole() -> None:
    edition = weakness_list()
    assert edition.version.count(".") == 1
    assert edition.published.year >= 2024
    assert len(edition.names) > 1300


@pytest.mark.parametrize("packed", [False, True])
def test_the_table_is_made_from_the_catalogue(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "cwec.xml"
    path.write_text(CATALOGUE, encoding="utf-8")
    if packed:
        with ZipFile(tmp_path / "cwec.xml.zip", "w") as archive:
            archive.write(path, "cwec_v4.99.xml")
        path = tmp_path / "cwec.xml.zip"
    edition, *lines = table(catalogue(path)).splitlines()
    assert edition.startswith("# CWE 4.99 of 2030-01-02. Copyright 2006-2030, The MITRE Corporation")
    assert lines == ["16,Configuration", '20,"Improper ""Input"" Validation"', '100,"Made up, with a comma"']
