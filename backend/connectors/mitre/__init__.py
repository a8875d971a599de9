"""The CVE list itself, as the CVE Program publishes it (repository cvelistV5)."""

from backend.connectors.mitre.client import MitreConnector
from backend.connectors.mitre.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "MitreConnector"]
