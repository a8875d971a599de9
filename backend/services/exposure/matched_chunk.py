"""The matching of a chunk of programs, by reading only: their products, what affects them, and what does no longer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from backend.contract.inventory import Confidence, SoftwareEntry
from backend.domain.claims import RecordState
from backend.domain.exposure.conditions import System
from backend.domain.exposure.verdicts import Judgement, Verdict
from backend.domain.products.product import Resolution
from backend.services.exposure.endings import NO_STATEMENT, Ending, Endings, read_endings
from backend.services.exposure.matching import InstalledProduct, match
from backend.services.exposure.resolution import installed, installed_system, resolve_programs
from backend.services.exposure.stored_resolution import StoredResolution
from backend.store.repositories.matching import DueProgram, MatchedProgram, MatchingRepository
from backend.store.repositories.vulnerabilities import VulnerabilityRepository

_Verdicts = Mapping[int, Mapping[str, str]]
"""The verdicts of the last matching, by program and CVE id."""


@dataclass(frozen=True)
class MatchedChunk:
    """What is written of a chunk.

    Attributes:
        products_seen: The newest product that the matching knew.
        changed: Programs and CVE ids that possibly matched before, and surely do now.
        same_product: The programs whose product did not change.
        cve_ids: The vulnerabilities that match now or did before.
    """

    results: Sequence[MatchedProgram]
    products_seen: int
    changed: Collection[tuple[int, str]]
    same_product: Collection[int]
    cve_ids: Collection[str]

    @property
    def programs(self) -> list[DueProgram]:
        return [result.program for result in self.results]

    @property
    def program_ids(self) -> list[int]:
        return [result.program.id for result in self.results]


@dataclass(frozen=True)
class _Judged:
    program: DueProgram
    resolution: Resolution
    by_id: Mapping[str, Judgement]

    @property
    def product(self) -> str | None:
        return str(self.resolution.keys[0]) if self.resolution.keys else None

    @property
    def matching(self) -> dict[str, Judgement]:
        return {
            cve_id: judgement
            for cve_id, judgement in self.by_id.items()
            if judgement.verdict is not Verdict.NOT_AFFECTED
        }


def match_chunk(connection: Connection, due: Sequence[DueProgram]) -> MatchedChunk:
    store, judged = MatchingRepository(connection), _judged(connection, due)
    stored = store.verdicts_of([program.id for program in due])
    endings = _endings(connection, judged, stored)
    results = [_result(found, endings[found.program.id]) for found in judged]
    now = {cve_id for result in results for cve_id in result.matches}
    return MatchedChunk(
        results=results,
        products_seen=store.newest_product(),
        changed=_changed(judged, stored),
        same_product={program for program, ending in endings.items() if ending.is_same_product},
        cve_ids=now.union(*stored.values(), *(ending.by_id for ending in endings.values())),
    )


def _judged(connection: Connection, due: Sequence[DueProgram]) -> list[_Judged]:
    resolved = _resolved(connection, due)
    judged = match(connection, [product for _, _, product in resolved])
    names = VulnerabilityRepository(connection).ids_of({number for found in judged for number in found})
    return [
        _Judged(
            program, resolution, {names[number]: judgement for number, judgement in found.items() if number in names}
        )
        for (program, resolution, _), found in zip(resolved, judged, strict=True)
    ]


def _resolved(
    connection: Connection, due: Sequence[DueProgram]
) -> list[tuple[DueProgram, Resolution, InstalledProduct]]:
    resolutions = resolve_programs(connection, [(program.entry, program.is_system) for program in due])
    resolved = []
    for program, resolution in zip(due, resolutions, strict=True):
        if program.is_system:
            product = installed_system(resolution)
        else:
            product = installed(SoftwareEntry.model_validate_json(program.entry), resolution, System.WINDOWS)
        resolved.append((program, resolution, product))
    return resolved


def _result(judged: _Judged, endings: Endings) -> MatchedProgram:
    resolution, matching = judged.resolution, judged.matching
    return MatchedProgram(
        program=judged.program,
        product=judged.product,
        resolution=StoredResolution.of(resolution).model_dump_json(),
        is_certain=resolution.confidence is Confidence.CERTAIN,
        spellings={key.spelling for key in resolution.keys},
        matches={
            cve_id: (judgement.verdict, judgement.reason, judgement.fixed_in, judgement.source)
            for cve_id, judgement in matching.items()
        },
        not_affected=len(judged.by_id) - len(matching),
        endings=endings.encoded(),
    )


def _changed(judged: Sequence[_Judged], stored: _Verdicts) -> set[tuple[int, str]]:
    return {
        (found.program.id, cve_id)
        for found in judged
        for cve_id, judgement in found.matching.items()
        if judgement.verdict is Verdict.AFFECTED
        and stored[found.program.id].get(cve_id, Verdict.AFFECTED) != Verdict.AFFECTED
    }


def _endings(connection: Connection, judged: Sequence[_Judged], stored: _Verdicts) -> dict[int, Endings]:
    """Why stored matches are gone: the record was rejected, its statements say something else, or there are none.

    What an interrupted matching of the same program has found stays.
    """
    gone = {found.program.id: stored[found.program.id].keys() - found.matching.keys() for found in judged}
    states = VulnerabilityRepository(connection).states({cve_id for ids in gone.values() for cve_id in ids})
    return {
        found.program.id: _with_earlier(
            found,
            {
                cve_id: Ending(
                    _reason(found.by_id.get(cve_id), states.get(cve_id)),
                    stored[found.program.id][cve_id] == Verdict.AFFECTED,
                )
                for cve_id in gone[found.program.id]
            },
        )
        for found in judged
    }


def _with_earlier(judged: _Judged, endings: dict[str, Ending]) -> Endings:
    if judged.program.endings is None:
        return Endings(judged.product == judged.program.product, endings)
    earlier = read_endings(judged.program.endings)
    return Endings(earlier.is_same_product, earlier.by_id | endings)


def _reason(judgement: Judgement | None, state: str | None) -> str:
    if state == RecordState.REJECTED:
        return "The record was rejected."
    return f"Not affected: {judgement.reason}" if judgement else NO_STATEMENT
