"""All sources, in the order in which an update takes them: the small and quick ones first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.connectors.connector import Connector, Watch
from backend.contract.names import Source


@dataclass(frozen=True)
class SourceEntry:
    connect: Callable[[Settings, Watch], Connector]
    parser_version: int  # salts the record hashes: a better parser reads every record again


def source_entries() -> Mapping[Source, SourceEntry]:
    return {
        Source.CISA: SourceEntry(cisa.CisaConnector, cisa.PARSER_VERSION),
        Source.EPSS: SourceEntry(epss.EpssConnector, epss.PARSER_VERSION),
        Source.MITRE: SourceEntry(mitre.MitreConnector, mitre.PARSER_VERSION),
        Source.NVD: SourceEntry(nvd.NvdConnector, nvd.PARSER_VERSION),
        Source.EUVD: SourceEntry(euvd.EuvdConnector, euvd.PARSER_VERSION),
    }
