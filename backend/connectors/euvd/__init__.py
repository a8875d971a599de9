"""ENISA's European vulnerability database: its records, its ids of CVEs, and what the EU lists as exploited."""

from backend.connectors.euvd.client import EuvdConnector
from backend.connectors.euvd.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "EuvdConnector"]
