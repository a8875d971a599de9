"""NIST's National Vulnerability Database: yearly and `modified` feeds, and the CVE API 2.0 in between."""

from backend.connectors.nvd.client import NvdConnector
from backend.connectors.nvd.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "NvdConnector"]
