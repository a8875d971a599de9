"""The CVE list of the CVE Program (repository cvelistV5)."""

from backend.connectors.mitre.client import MitreConnector
from backend.connectors.mitre.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "MitreConnector"]
