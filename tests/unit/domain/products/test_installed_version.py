from __future__ import annotations

import pytest

from backend.domain.products.installed_version import RULES, compared_version


@pytest.mark.parametrize(
    ("rule", "name", "registry", "version"),
    [
        ("", "Google Chrome", "105.0.5195.127", "105.0.5195.127"),
        ("", "Notepad++ 8.4", "", "8.4"),
        ("", "Easy Backup", "VersionApplication", ""),
        ("", "Tool", " 1.2 \t beta ", "1.2 beta"),
        ("name", "IntelliJ IDEA 2022.3.2", "223.8617.56", "2022.3.2"),
        ("name", "IntelliJ IDEA", "223.8617.56", "223.8617.56"),
        ("name-only", "Microsoft .NET Runtime - 6.0.20 (x86)", "48.83.63169", "6.0.20"),
        ("name-only", "Microsoft .NET Runtime", "48.83.63169", ""),
        ("python", "Python 3.10.6 (64-bit)", "3.10.6150.0", "3.10.6"),
        ("python", "Python 3.12 (64-bit)", "3.12.150.1013", "3.12.0"),
        ("python", "Python 3.12.8 (64-bit)", "3.12.8150.0", "3.12.8"),
        ("python", "Python 3.14.0a4 (64-bit)", "3.14.104.1013", "3.14.0a4"),
        ("python", "Python 3.14.0b3 (64-bit)", "3.14.113.1013", "3.14.0b3"),
        ("python", "Python 3.14.0rc2 (64-bit)", "3.14.122.1013", "3.14.0rc2"),
        ("python", "Python", "3.11.4", "3.11.4"),
        ("java", "Java 8 Update 351 (64-bit)", "8.0.3510.10", "1.8.0:update351"),
        ("java", "Java(TM) 6 Update 45", "6.0.450", "1.6.0:update45"),
        ("java", "Java 8 Update 351", "", "1.8.0:update351"),
        ("java", "Java(TM) SE Development Kit 17.0.5 (64-bit)", "17.0.5.0", "17.0.5.0"),
        ("openjdk", "Eclipse Temurin JDK with Hotspot 8u352-b08", "8.0.352.8", "1.8.0:update352"),
        ("openjdk", "Eclipse Temurin JDK with Hotspot 17.0.5+8 (x64)", "17.0.5.8", "17.0.5.8"),
        ("warp", "Cloudflare WARP", "25.1.861.0", "2025.1.861.0"),
        ("warp", "Cloudflare WARP", "2023.9.248.0", "2023.9.248.0"),
        ("warp", "Cloudflare WARP", "foobar", ""),
        ("citrix", "Citrix Workspace 2309", "23.9.1.104", "2309.1.104"),
        ("citrix", "Citrix Workspace 2112", "21.12.0.18", "2112.0.18"),
        ("citrix", "Citrix Receiver 4.12", "14.12.0.18020", "14.12.0.18020"),
        ("zoom", "Zoom", "5.11.1 (6602)", "5.11.1.6602"),
        ("zoom", "Zoom", "5.11.1", "5.11.1"),
        ("revision", "PostgreSQL 14", "14.5-1", "14.5"),
        ("revision", "OpenVPN 2.4.9-I601-Win10", "2.4.9-I601-Win10", "2.4.9"),
        ("revision", "PostgreSQL 14", "14.5", "14.5"),
    ],
)
def test_reads_the_version_that_the_vendor_publishes(rule: str, name: str, registry: str, version: str) -> None:
    assert compared_version(rule, name, registry) == version


@pytest.mark.parametrize("rule", ["", *RULES])
@pytest.mark.parametrize(
    "version", ["", "unknown", "1", "9" * 500, "1." * 200, "\u0663.\u0661\u0660.\u0666", "8.0", "-1", "\x00"]
)
def test_no_version_breaks_a_rule(rule: str, version: str) -> None:
    assert isinstance(compared_version(rule, "Tool", version), str)
