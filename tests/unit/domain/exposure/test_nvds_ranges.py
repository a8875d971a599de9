"""Verdicts on well-known programs in old versions, against a reading of NVD's records that shares no code with them.

What NVD's configurations say is read from the raw records, versions are compared number by number. Vulnerabilities in
which NVD has no configuration of the product are left out: there CNAs decide alone.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from backend.connectors.connector import RawRecord
from backend.connectors.mitre.parse import parse as parse_mitre
from backend.connectors.nvd.parse import parse as parse_nvd
from backend.contract.inventory import SoftwareEntry
from backend.domain.claims import Feed, RecordState, SourceRecord
from backend.domain.exposure.conditions import System, applies
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.verdicts import Verdict, judge
from backend.domain.products.product import KnownProduct
from backend.domain.products.resolution import resolve
from backend.services.exposure.resolution import installed

pytestmark = pytest.mark.realdata

GOAL = 0.97
PROGRAMS = """
Mozilla Firefox (x64 en-US)|115.0|mozilla:firefox
Mozilla Thunderbird (x64 en-US)|102.0|mozilla:thunderbird
SeaMonkey 2.40 (x86 en-US)|2.40|mozilla:seamonkey
Google Chrome|120.0.6099.62|google:chrome
Microsoft Edge|110.0.1587.41|microsoft:edge_chromium
VLC media player|3.0.8|videolan:vlc_media_player
7-Zip 19.00 (x64)|19.00|7-zip:7-zip
WinRAR 5.61 (64-bit)|5.61|rarlab:winrar
Adobe Flash Player 32 NPAPI|32.0.0.100|adobe:flash_player
Adobe Photoshop 2020|21.0.1|adobe:photoshop
iTunes|12.9.0.164|apple:itunes
QuickTime 7|7.7.5|apple:quicktime
FileZilla Client 3.20.0|3.20.0|filezilla-project:filezilla_client
PuTTY release 0.70 (64-bit)|0.70|putty:putty
WinSCP 5.15|5.15|winscp:winscp
KeePass Password Safe 2.50|2.50|keepass:keepass
Notepad++ (64-bit x64)|8.5|notepad-plus-plus:notepad++
Wireshark 3.4.0 64-bit|3.4.0|wireshark:wireshark
Npcap|0.9|nmap:npcap
GIMP 2.8.10|2.8.10|gimp:gimp
Inkscape|0.48|inkscape:inkscape
Blender|2.78|blender:blender
LibreOffice 7.2.0.4|7.2.0.4|libreoffice:libreoffice
OpenOffice 4.1.8|4.1.8|apache:openoffice
Node.js|16.0.0|nodejs:node.js
Git|2.30.0|git-scm:git
MySQL Server 8.0|8.0.20|oracle:mysql,oracle:mysql_server
PostgreSQL 13|13.0|postgresql:postgresql
MariaDB 10.5 (x64)|10.5.5|mariadb:mariadb
MongoDB 4.4.0 2008R2Plus SSL (64 bit)|4.4.0|mongodb:mongodb
Apache HTTP Server 2.4.46|2.4.46|apache:http_server
Apache Tomcat 9.0|9.0.30|apache:tomcat
OpenVPN 2.4.6|2.4.6|openvpn:openvpn
Oracle VM VirtualBox 6.1.10|6.1.10|oracle:vm_virtualbox
VMware Workstation|15.5.0|vmware:workstation
VMware Tools|11.0.0|vmware:tools
TeamViewer|15.1.3937|teamviewer:teamviewer
AnyDesk|6.2.0|anydesk:anydesk
Slack|3.4.0|slack:slack
Cisco AnyConnect Secure Mobility Client|4.8.00175|cisco:anyconnect_secure_mobility_client
FortiClient|6.4.0|fortinet:forticlient
PDF-XChange Editor|9.0.350|tracker-software:pdf-xchange_editor,pdf-xchange:pdf-xchange_editor
IrfanView 4.53 (64-bit)|4.53|irfanview:irfanview
XnView 2.49|2.49|xnview:xnview
Audacity 2.3.2|2.3.2|audacityteam:audacity
Docker Desktop|4.0.0|docker:desktop
Grafana|8.0.0|grafana:grafana
Elasticsearch 7.10.0|7.10.0|elastic:elasticsearch
Kibana|7.10.0|elastic:kibana
Splunk Enterprise|8.1.0|splunk:splunk
Tenable Nessus (x64)|8.10.0|tenable:nessus
Opera Stable 12.00|12.00|opera:opera_browser
Pale Moon|28.0.0|palemoon:pale_moon
UltraVNC|1.2.1.0|uvnc:ultravnc
TightVNC|2.8.8|tightvnc:tightvnc
mRemoteNG|1.76.20|mremoteng:mremoteng
Foxit Reader|9.7.0.29455|foxitsoftware:foxit_reader,foxit:pdf_reader
NVIDIA GeForce Experience 3.18.0.102|3.18.0.102|nvidia:geforce_experience
Nextcloud|3.6.0|nextcloud:desktop
Microsoft Visual Studio Code|1.50.0|microsoft:visual_studio_code
"""
ID = re.compile(rb'"(?:id|cveId)":"(CVE-[0-9]+-[0-9]+)"')
COLON = re.compile(r"(?<!\\):")
DIGITS = re.compile(r"[0-9]+")


class CpeMatch(msgspec.Struct, rename="camel"):
    criteria: str
    vulnerable: bool = True
    version_start_including: str = ""
    version_start_excluding: str = ""
    version_end_including: str = ""
    version_end_excluding: str = ""


class Node(msgspec.Struct, rename="camel"):
    cpe_match: list[CpeMatch] = []


class Configuration(msgspec.Struct):
    nodes: list[Node] = []


class NvdRecord(msgspec.Struct, rename="camel"):
    id: str
    vuln_status: str = ""
    configurations: list[Configuration] = []


class NvdLine(msgspec.Struct):
    cve: NvdRecord


class Program(NamedTuple):
    name: str
    version: str
    keys: tuple[str, ...]


class NoProducts:
    """The table of known programs alone decides."""

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        return ()


def programs() -> list[Program]:
    lines = (line.split("|") for line in PROGRAMS.strip().splitlines())
    return [Program(name, version, tuple(keys.split(","))) for name, version, keys in lines]


def records(files: Iterable[Path], wanted: re.Pattern[bytes]) -> Iterator[tuple[str, bytes]]:
    for file in sorted(files):
        with gzip.open(file) as lines:
            for line in lines:
                if wanted.search(line) and (found := ID.search(line)):
                    yield found[1].decode(), line


def below(a: str, b: str) -> bool:
    """Whether a version is lower, by its numbers."""
    numbers = zip_longest(map(int, DIGITS.findall(a)), map(int, DIGITS.findall(b)), fillvalue=0)
    return next((x < y for x, y in numbers if x != y), False)


def contains(match: CpeMatch, version: str) -> bool:
    low, above = match.version_start_including, match.version_start_excluding
    last, end = match.version_end_including, match.version_end_excluding
    if not (low or above or last or end):
        stated = COLON.split(match.criteria)[5]
        return stated == "*" or (stated != "-" and not below(stated, version) and not below(version, stated))
    starts = not (low and below(version, low)) and (not above or below(above, version))
    return starts and not (last and below(last, version)) and (not end or below(version, end))


def is_here(match: CpeMatch) -> bool:
    """Whether a CPE name is about a program for Windows that is no separate edition."""
    attributes = COLON.split(match.criteria)
    return attributes[9] not in {"esr", "lts"} and attributes[10] in {"*", "-", "windows", "x64", "x86"}


def readings(record: NvdRecord, program: Program) -> Iterator[bool]:
    """Of each range of the product that NVD has for Windows, whether the version is in it."""
    for configuration in record.configurations:
        matches = [match for node in configuration.nodes for match in node.cpe_match]
        systems = [match.criteria for match in matches if not match.vulnerable and ":o:" in match.criteria]
        if systems and not any(":microsoft:windows" in name for name in systems):
            continue
        for match in matches:
            key = ":".join(COLON.split(match.criteria)[3:5])
            if match.vulnerable and key in program.keys and is_here(match):
                yield contains(match, program.version)


def found_in(program: Program, stated: Mapping[tuple[str, str], Mapping[str, list[Statement]]]) -> dict[str, Verdict]:
    """The verdict on each vulnerability that names the program."""
    entry = SoftwareEntry(name=program.name, version=program.version)
    product = installed(entry, resolve(entry, NoProducts(), {}), System.WINDOWS)
    here: defaultdict[str, list[Statement]] = defaultdict(list)
    for key in product.keys:
        for cve_id, statements in stated.get(key.spelling, {}).items():
            here[cve_id] += [
                statement for statement in statements if applies(statement.condition, key, product.subject)
            ]
    judged = {cve_id: judge(product.version, made, product.subject) for cve_id, made in here.items()}
    return {cve_id: judgement.verdict for cve_id, judgement in judged.items() if judgement}


class Outcome(NamedTuple):
    """What of one program's vulnerabilities is right, missed, and called affected against NVD's ranges."""

    program: Program
    right: list[str]
    missed: list[str]
    wrong: list[str]


def outcomes(feeds: Path) -> Iterator[Outcome]:
    """Compare the verdicts on all programs with NVD's ranges."""
    names = {key for program in programs() for key in program.keys}
    wanted = re.compile("|".join(f":{re.escape(name)}:" for name in sorted(names)).encode())
    raw = dict(records((feeds / "nvd" / "base").glob("*.gz"), wanted))
    ids = re.compile(b"|".join(name.encode() + b'"' for name in raw))
    claims: defaultdict[str, list[SourceRecord]] = defaultdict(list)
    for cve_id, line in raw.items():
        claims[cve_id] += [SourceRecord(Feed.NVD, cve_id, cve_id, claim) for _, claim in parse_nvd(cve_id, line).claims]
    for cve_id, line in records((feeds / "mitre" / "base").glob("*.gz"), ids):
        if cve_id in raw:
            made = parse_mitre(RawRecord(cve_id, line, cve_id)).claims
            claims[cve_id] += [SourceRecord(Feed.MITRE, cve_id, cve_id, claim) for _, claim in made]
    stated: defaultdict[tuple[str, str], dict[str, list[Statement]]] = defaultdict(dict)
    for cve_id, source_records in claims.items():
        for made_of in statements_of(RecordState.PUBLISHED, source_records):
            stated[made_of.product.spelling][cve_id] = list(made_of.statements)
    read = [msgspec.json.decode(line, type=NvdLine).cve for line in raw.values()]
    for program in programs():
        yield outcome(program, read, found_in(program, stated))


def outcome(program: Program, raw: Iterable[NvdRecord], verdicts: Mapping[str, Verdict]) -> Outcome:
    readings_by_id = {record.id: list(readings(record, program)) for record in raw if record.vuln_status != "Rejected"}
    expected = {cve_id for cve_id, inside in readings_by_id.items() if any(inside)}
    known = {cve_id for cve_id, inside in readings_by_id.items() if inside}
    found = {cve_id for cve_id, verdict in verdicts.items() if verdict is Verdict.AFFECTED and cve_id in known}
    return Outcome(program, sorted(expected & found), sorted(expected - found), sorted(found - expected))


def test_verdicts_on_well_known_programs_are_those_of_nvds_ranges(feed_world: Path) -> None:
    compared = list(outcomes(feed_world.parent / "public"))
    right, missed, wrong = (sum(len(result[place]) for result in compared) for place in (1, 2, 3))
    listed = [
        (result.program.name, result.missed, result.wrong) for result in compared if result.missed or result.wrong
    ]
    assert len(compared) == 60
    assert right > 500
    assert right / (right + missed) >= GOAL, listed
    assert right / (right + wrong) >= GOAL, listed
