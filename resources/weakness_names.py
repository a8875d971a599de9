"""Write the names of weaknesses from MITRE's list: `python resources/weakness_names.py cwec_latest.xml.zip`.

The list is at https://cwe.mitre.org/data/downloads.html ("All", as XML; packed or not). It is refreshed by hand, about
once a year: ids that a record names and the list lacks are shown without a name.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile, is_zipfile

TARGET = Path(__file__).resolve().parents[1] / "backend" / "contract" / "weaknesses.csv"
_NAMED = ("Weakness", "Category")
_COPYRIGHT = "Copyright 2006-{year}, The MITRE Corporation; terms of use: weaknesses_licence.txt"


def catalogue(path: Path) -> ElementTree.Element:
    if not is_zipfile(path):
        return ElementTree.parse(path).getroot()  # noqa: S314 - a file that its maintainer chose
    with ZipFile(path) as archive:
        [name] = archive.namelist()
        return ElementTree.fromstring(archive.read(name))  # noqa: S314


def table(root: ElementTree.Element) -> str:
    """The edition in the first line, then number and name of each entry, ordered by number."""
    version, published = root.attrib["Version"], root.attrib["Date"]
    text = StringIO()
    text.write(f"# CWE {version} of {published}. {_COPYRIGHT.format(year=published[:4])}\n")
    csv.writer(text, lineterminator="\n").writerows(sorted(_entries(root)))
    return text.getvalue()


def _entries(root: ElementTree.Element) -> Iterator[tuple[int, str]]:
    for element in root.iter():
        if element.tag.rpartition("}")[2] in _NAMED:
            yield int(element.attrib["ID"]), " ".join(element.attrib["Name"].split())


if __name__ == "__main__":
    TARGET.write_text(table(catalogue(Path(sys.argv[1]))), encoding="utf-8", newline="\n")
