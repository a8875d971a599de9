"""What a list shows of a vulnerability: the rest of each record is passed over unread, which keeps answers cheap."""

from __future__ import annotations

from datetime import date

from backend.contract.names import Severity, Source
from backend.contract.wire import Instant, Wire


class Listed(Wire):
    """What the API tells of each record when it is asked to be brief.

    Fields as in backend.contract.vulnerabilities.Vulnerability.
    """

    cve_id: str
    state: str
    title: str
    cvss_score: float | None
    severity: Severity
    published_at: Instant | None
    modified_at: Instant | None
    exploited_in_the_wild: bool
    cisa_due_date: date | None = None
    epss: float | None
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    sources: tuple[Source, ...]
    priority_score: float


class ListedPage(Wire):
    """total_capped: there are more than `total`, which is where counting stopped."""

    items: tuple[Listed, ...]
    total: int
    total_capped: bool = False
