"""Generated vulnerabilities with words, vendors, weaknesses and scores distributed like the real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from backend.contract.names import Severity, Source
from backend.domain.vulnerability import MergedVulnerability
from tests.fakes.vulnerabilities import vulnerability

_COMMON = """
    a in the to of and an vulnerability allows attacker via remote issue before version user code execute arbitrary
    affected is by on with may this component function file or attack can versions access through execution web
    service information from injection that for has been discovered could lead crafted manipulation unauthenticated
    cross site scripting sql buffer overflow linux kernel memory plugin server privilege escalation denial
    authentication improper validation input exploit path
"""
VOCABULARY = 60_000
VENDORS = 20_000
_SYLLABLES = """
    ka lo mi ren tar ves dol pim sor qua xen bal fir gun hep jol nuk wid yar zet cra stu ple int ex un re on ad
"""
SEVERITIES = (
    (Severity.CRITICAL, 0.12),
    (Severity.HIGH, 0.32),
    (Severity.MEDIUM, 0.38),
    (Severity.LOW, 0.05),
    (Severity.UNKNOWN, 0.13),
)
START = datetime(1999, 1, 1, tzinfo=UTC)


def vulnerabilities(count: int, seed: int = 1) -> Iterator[tuple[MergedVulnerability, float]]:
    """Yield vulnerabilities with priority scores, by ascending id."""
    chance = random.Random(seed)
    common = _COMMON.split()
    words = [*common, *(_word(chance) for _ in range(VOCABULARY - len(common)))]
    word_weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    vendors = [_word(chance) for _ in range(VENDORS)]
    vendor_weights = list(accumulate(1 / (rank + 5) for rank in range(VENDORS)))
    for number in range(count):
        (vendor,) = chance.choices(vendors, cum_weights=vendor_weights)
        text = chance.choices(words, cum_weights=word_weights, k=chance.randint(25, 70))
        (severity,) = chance.choices([name for name, _ in SEVERITIES], [weight for _, weight in SEVERITIES])
        published = START + timedelta(days=9_800 * (number / count) ** 0.5, seconds=chance.randrange(86_400))
        exploited = chance.random() < 0.005
        yield (
            vulnerability(
                f"CVE-{published.year}-{number + 1000:07}",
                title=" ".join(text[:8]),
                description=" ".join([*text, "vulnerability"] if chance.random() < 0.6 else text),
                severity=severity,
                cvss_score=None if severity is Severity.UNKNOWN else round(chance.uniform(2, 10), 1),
                published_at=published,
                modified_at=published + timedelta(days=chance.randrange(900)),
                exploited_in_the_wild=exploited,
                epss=None if chance.random() < 0.05 else round(chance.random() ** 6, 5),
                cwe_ids=(f"CWE-{min(int(chance.expovariate(0.02)) + 20, 1200)}",),
                vendors=(vendor,),
                products=(f"{vendor} {chance.choice(words)}", f"{chance.choice(words)} {chance.randint(1, 9)}"),
                sources=(Source.NVD, Source.MITRE, *((Source.CISA,) if exploited else ())),
            ),
            round(0.9 + chance.random() / 10 if exploited else chance.random() ** 2 * 0.7, 4),
        )


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES.split(), k=chance.randint(2, 5)))
