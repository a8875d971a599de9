"""Where each source is asked first, unless a setting names another base. Beat needs no more of the connectors."""

from __future__ import annotations

from collections.abc import Mapping

from backend.config import Settings
from backend.contract.names import Source

CISA_CATALOGUE = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
EPSS_SCORES = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
MITRE_CHANGES = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/deltaLog.json"
NVD_FEEDS = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-"
EUVD_API = "https://euvdservices.enisa.europa.eu/api"


def addresses(settings: Settings) -> Mapping[Source, str]:
    """Of the sources that are switched on. A base address from the settings is told as it was given."""
    known = {
        Source.CISA: settings.cisa_url or CISA_CATALOGUE,
        Source.EPSS: settings.epss_url or EPSS_SCORES,
        Source.MITRE: settings.mitre_url or MITRE_CHANGES,
        Source.NVD: settings.nvd_feeds_url or NVD_FEEDS,
        Source.EUVD: settings.euvd_url or EUVD_API,
    }
    return {source: address for source, address in known.items() if settings.user.source_enabled(source)}
