"""The curated table: programs that people really have, each with the keys of its product in the records.

`programs.csv` has one line a program:

- name: a pattern (`patterns.py`) for a reading of the installed name (`program_name.py`); several are separated by `;`
- publisher: words of which one occurs in the publisher's name where one is stated, separated by `|`; `!` before them:
  one must be stated; nothing: the name alone identifies it
- product: the leading "vendor:product"; empty for what is no product of its own
- also: further keys of the same product, separated by spaces
- version: where the version stands (`installed_version.py`)
- scheme: of the versions, where it is not that of Windows programs
- part: what an entry without product is
- example: a name as the registry shows it

A change needs a new `MATCH_VERSION` in `services.exposure.matching_run`, so that stored programs are matched by it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from io import StringIO

import msgspec

from backend.domain.names import fold, product_key
from backend.domain.products.name_forms import words_of
from backend.domain.products.patterns import expanded, fits, is_literal, leading_letters
from backend.domain.products.product import ProductKey
from backend.domain.products.program_name import readings
from backend.domain.products.publishers import may_be_same
from backend.domain.products.vocabulary import ADDITIONS


class CuratedProgram(msgspec.Struct, frozen=True):
    """One line of the table. Without keys it is a part that has no records of its own."""

    patterns: tuple[str, ...]
    publishers: tuple[str, ...]
    publisher_required: bool
    keys: tuple[ProductKey, ...]
    version: str
    scheme: str
    part: str
    example: str

    def is_by(self, publisher: str) -> bool:
        """Whether the program may be by this publisher; "" is not stated."""
        if not publisher:
            return not self.publisher_required
        if not self.publishers:
            return True
        text = fold(publisher)
        return any(words in text for words in self.publishers) or any(
            may_be_same(publisher, key.vendor) for key in self.keys
        )


class CuratedTable:
    """Finds the line for a name and a publisher, and the line that has a key."""

    def __init__(self, programs: Iterable[CuratedProgram]) -> None:
        self.programs = tuple(programs)
        self._literals: defaultdict[str, list[int]] = defaultdict(list)
        self._compact: defaultdict[str, list[int]] = defaultdict(list)
        self._open: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_key: dict[tuple[str, str], CuratedProgram] = {}
        for place, program in enumerate(self.programs):
            self._add(place, program)

    def find(self, name: str, publisher: str) -> CuratedProgram | None:
        """The first line that fits the least shortened reading of the name.

        Exact names go before open ones, and names whose spaces and signs differ come last ("VisualStudioCode").
        """
        plain = readings(name)
        for place in (place for reading in plain for place in self._places(reading)):
            if self.programs[place].is_by(publisher):
                return self.programs[place]
        compact = (place for reading in plain for place in self._compact.get(product_key(reading), ()))
        return next((self.programs[place] for place in compact if self.programs[place].is_by(publisher)), None)

    def with_key(self, key: ProductKey) -> CuratedProgram | None:
        """The first line of a product with this key."""
        return self._by_key.get(key.spelling)

    def _add(self, place: int, program: CuratedProgram) -> None:
        for text in (text for pattern in program.patterns for text in expanded(pattern)):
            if is_literal(text):
                self._literals[text].append(place)
                self._compact[product_key(text)].append(place)
            else:
                self._open[leading_letters(text)].append((place, text))
        for key in program.keys:
            self._by_key.setdefault(key.spelling, program)

    def _places(self, reading: str) -> Iterator[int]:
        yield from self._literals.get(reading, ())
        for place, text in self._open.get(leading_letters(reading), ()):
            if fits(text, reading) and not (self.programs[place].keys and _is_addition(text, reading)):
                yield place


def _is_addition(text: str, reading: str) -> bool:
    """Whether a name has words beyond an open pattern that make an addition of it: "AutoCAD 2023 Language Pack"."""
    return bool((words_of(reading) - words_of(text.removesuffix("*"))) & ADDITIONS)


@cache
def curated_table() -> CuratedTable:
    """The table that comes with the program."""
    text = files(__package__).joinpath("programs.csv").read_text(encoding="utf-8")
    return CuratedTable(_programs(csv.DictReader(StringIO(text))))


def _programs(lines: Iterable[dict[str, str]]) -> Iterator[CuratedProgram]:
    for line in lines:
        publishers = line["publisher"]
        keys = [line["product"], *line["also"].split()] if line["product"] else []
        yield CuratedProgram(
            patterns=tuple(part.strip() for part in line["name"].split(";")),
            publishers=tuple(words for words in publishers.removeprefix("!").split("|") if words),
            publisher_required=publishers.startswith("!"),
            keys=tuple(ProductKey.parse(key) for key in keys),
            version=line["version"],
            scheme=line["scheme"] or "windows",
            part=line["part"],
            example=line["example"],
        )
