"""CPE names: formatted strings of CPE 2.3 and URIs of CPE 2.2 (NISTIR 7695), and how they match (NISTIR 7696)."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from backend.domain.versions import CannotCompare, VersionRange, order_surely

_PART = re.compile(r"(?:^|:)((?:[^:\\]|\\.)*)")  # an escaped colon does not separate
_SPECIAL = re.compile(r"[^\w.-]")
_ESCAPED = re.compile(r"\\(.)")
_NO_NAME = frozenset({"", "*", "-"})  # missing, any, not applicable


@lru_cache(maxsize=2**15)  # few products occur in 300,000 records, most of them in many versions
def vendor_and_product(cpe: str) -> tuple[str, str]:
    """Vendor and product with escapes resolved; "" for one that is missing, any or not applicable."""
    parts = _PART.findall(cpe) if "\\" in cpe else cpe.split(":", 5)
    vendor, product = (_ESCAPED.sub(r"\1", part) for part in [*parts[3:5], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product


def vendor_and_product_of_uri(uri: str) -> tuple[str, str]:
    """The same of a CPE 2.2 URI ("cpe:/a:apache:http_server:2.4")."""
    vendor, product = (unquote(part) for part in [*uri.split(":")[2:4], "", ""][:2])
    return "" if vendor in _NO_NAME else vendor, "" if product in _NO_NAME else product


def name_of(vendor: str, product: str) -> str:
    """The CPE 2.3 name, of any part and version, of a product as people write it ("Node.js Foundation", "Node.js")."""
    names = ("_".join(text.lower().split()) for text in (vendor, product))
    return ":".join(("cpe:2.3:*", *(_SPECIAL.sub(r"\\\g<0>", name) for name in names)))


class InvalidCpe(ValueError):  # noqa: N818 - names the input, not a fault of the program
    """The text is no CPE name."""


class Logical(Enum):
    ANY = "*"
    NA = "-"  # not applicable


ANY: Final = Logical.ANY
NA: Final = Logical.NA


class Pattern(NamedTuple):
    """A value with wildcards at its ends. Characters that may stand there; None: as many as there are ("*")."""

    before: int | None
    text: str
    after: int | None

    def covers(self, value: str) -> bool:
        """Whether the pattern matches a value: "?" stands for one character or none."""
        before, after = ("*" if count is None else f"{{0,{count}}}" for count in (self.before, self.after))
        return re.fullmatch(f".{before}{re.escape(self.text)}.{after}", value, re.DOTALL) is not None


Value: TypeAlias = Logical | Pattern | str


class CpeName(NamedTuple):
    """The attributes of a name in lower case, with escapes resolved."""

    part: Value
    vendor: Value
    product: Value
    version: Value = ANY
    update: Value = ANY
    edition: Value = ANY
    language: Value = ANY
    sw_edition: Value = ANY
    target_sw: Value = ANY
    target_hw: Value = ANY
    other: Value = ANY


LIMIT = 2_000
"""Characters of the longest name that is read."""
_FORMATTED, _URI = "cpe:2.3:", "cpe:/"
_ATTRIBUTES = len(CpeName._fields)
_PARTS: frozenset[Value] = frozenset({"a", "o", "h", ANY, NA})
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f]")
_LOGICALS: dict[str, Value] = {logical.value: logical for logical in Logical}
_SIMPLE = re.compile(r"[\w.-]+")
_VALUE = re.compile(r"(\*|\?*)((?:[^*?\\]|\\.)*)(\*|\?*)", re.DOTALL)
_URI_CODE = re.compile(r"%[0-9a-f]{2}|[*?\\]")
_URI_WILDCARDS = {"%01": "?", "%02": "*"}


@lru_cache(maxsize=2**13)
def parse(text: str) -> CpeName:
    """Read a name in either form. Attributes that are missing at the end are any.

    Raises:
        InvalidCpe: it is none, names no product, has a wildcard within a value, or is over the limit.
    """
    if len(text) > LIMIT:
        raise InvalidCpe(f"{text[:80]!r} has {len(text)} characters")
    folded = text.strip().lower()
    if folded.startswith(_FORMATTED):
        parts = _parts(folded.removeprefix(_FORMATTED))
    elif folded.startswith(_URI):
        parts = _parts_of_uri(folded.removeprefix(_URI))
    else:
        raise InvalidCpe(f"{text[:80]!r} begins like no CPE name")
    if not 3 <= len(parts) <= _ATTRIBUTES:
        raise InvalidCpe(f"{text[:80]!r} has {len(parts)} attributes")
    name = CpeName(*[_value(part) for part in parts])
    if name.part not in _PARTS:
        raise InvalidCpe(f"{text[:80]!r} is about something unknown")
    return name


def literal(value: Value) -> str:
    """The value of an attribute; "" for any, not applicable and wildcards."""
    return value if isinstance(value, str) else ""


def version_of(name: CpeName) -> str:
    """The version with its update as one text ("1.8.0 update351"); "" if the version is no literal."""
    return f"{literal(name.version)} {literal(name.update)}".rstrip() if literal(name.version) else ""


def bound_of(text: str) -> str:
    """A bound as NVD writes it, without escapes; a colon stands before its update."""
    return _ESCAPED.sub(r"\1", text).replace(":", " ").strip()


def matches(
    stated: str,
    component: str,
    *,
    start_including: str = "",
    start_excluding: str = "",
    end_including: str = "",
    end_excluding: str = "",
) -> bool:
    """Whether a statement about `stated` is one about `component`.

    Args:
        stated: the name or match string of a statement.
        component: the name of what is installed. An attribute that is any matches every value.
        start_including: the first version that is meant. A bound may have an update: "1.8.0:update_361".
        start_excluding: the last version before those that are meant.
        end_including: the last version that is meant.
        end_excluding: the first version after those that are meant.

    Returns:
        Whether no attribute is disjoint (NISTIR 7696, table 6-2) and the version with its update is in the range. False
        for a text that is no CPE name, and for a version that cannot be compared with a bound.
    """
    try:
        source, target = parse(stated), parse(component)
    except InvalidCpe:
        return False
    if source.version is ANY and (end_including or end_excluding):
        # The update belongs to the bound: NVD's "jdk:*:update_25" up to 1.6.0 is up to 1.6.0 update 25.
        update, source = literal(source.update), source._replace(update=ANY)
        end_including, end_excluding = (end and f"{end} {update}" for end in (end_including, end_excluding))
    ranges = (
        VersionRange(bound_of(start_including), bound_of(end_including), end_inclusive=True),
        VersionRange(bound_of(start_excluding), bound_of(end_excluding), start_inclusive=False),
    )
    return _names_overlap(source, target) and all(_in_range(bounds, target) for bounds in ranges)


def _parts(text: str) -> list[str]:
    if "\\" not in text:
        return text.split(":")
    parts = _PART.findall(text)
    if ":".join(parts) != text:
        raise InvalidCpe(f"{text[-80:]!r} ends within an escape")
    return parts


def _parts_of_uri(uri: str) -> list[str]:
    """The attributes of a URI as those of a formatted string; the edition may hold four more ("~~pro~windows~~")."""
    parts = [_part_of_uri(part) for part in uri.split(":")]
    if len(parts) < 6 or not parts[5].startswith("~"):
        return parts
    _, edition, *others = [part or "*" for part in parts[5].split("~")]
    return [*parts[:5], edition, *(parts[6:] or ["*"]), *others]


def _part_of_uri(part: str) -> str:
    return _URI_CODE.sub(lambda code: _URI_WILDCARDS.get(code[0], "\\" + unquote(code[0])), part) or "*"


def _value(part: str) -> Value:
    if part in _LOGICALS or _SIMPLE.fullmatch(part):
        return _LOGICALS.get(part, part)
    match = _VALUE.fullmatch(part)
    if not part or not match or _FORBIDDEN.search(part):
        raise InvalidCpe(f"{part[:80]!r} is no value of a CPE name")
    before, text, after = match[1], _ESCAPED.sub(r"\1", match[2]), match[3]
    return Pattern(_width(before), text, _width(after)) if before or after else text


def _width(wildcards: str) -> int | None:
    return None if wildcards == "*" else len(wildcards)


def _names_overlap(source: CpeName, target: CpeName) -> bool:
    version = _overlaps(source.version, target.version) or _same_version(
        literal(source.version), literal(target.version)
    )
    update = _overlaps(source.update, target.update) or _same_update(literal(source.update), literal(target.update))
    others = zip((*source[:3], *source[5:]), (*target[:3], *target[5:]), strict=True)
    return version and update and all(_overlaps(a, b) for a, b in others) and not _crossed(source, target)


def _crossed(source: CpeName, target: CpeName) -> bool:
    """Whether one name leaves the vendor open and the other one the product: then no product is named by both."""
    open_vendors, open_products = (
        (source.vendor is ANY, target.vendor is ANY),
        (source.product is ANY, target.product is ANY),
    )
    return {open_vendors, open_products} == {(True, False), (False, True)}


def _overlaps(source: Value, target: Value) -> bool:
    """Whether two values are not disjoint. Two different patterns are: their relation is undefined in table 6-2."""
    if ANY in (source, target) or source == target:
        return True
    return isinstance(source, Pattern) and isinstance(target, str) and source.covers(target)


def _same_version(a: str, b: str) -> bool:
    return bool(a and b) and order_surely(a, b) == 0


def _same_update(a: str, b: str) -> bool:
    """Spellings of one update: "update_351" and "update351", "cumulative_update_23" and "cu23"."""
    return bool(a and b) and order_surely(f"0 {a}", f"0 {b}") == 0 != order_surely(f"0 {a}", "0")


def _in_range(bounds: VersionRange, name: CpeName) -> bool:
    if name.version is ANY or not (bounds.start or bounds.end):
        return True
    try:
        return bounds.includes(version_of(name))
    except CannotCompare:
        return False
