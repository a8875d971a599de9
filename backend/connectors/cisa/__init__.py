"""CISA's catalogue of known exploited vulnerabilities."""

from backend.connectors.cisa.client import CisaConnector
from backend.connectors.cisa.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "CisaConnector"]
