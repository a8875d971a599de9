"""ENISA's European vulnerability database: its records, its mapping of CVE ids, the EU's list of exploited ones."""

from backend.connectors.euvd.client import EuvdConnector
from backend.connectors.euvd.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "EuvdConnector"]
