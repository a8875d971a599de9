"""FIRST's exploit prediction scores."""

from backend.connectors.epss.client import EpssConnector
from backend.connectors.epss.parse import PARSER_VERSION

__all__ = ["PARSER_VERSION", "EpssConnector"]
