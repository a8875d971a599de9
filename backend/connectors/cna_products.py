"""The products of a CVE record (CVE JSON 5.x, `affected[]`), which both the CVE Program's list and NVD have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from backend.connectors.decoding import Inseparable
from backend.domain.claims import Affected, Origin


class VersionChange(Inseparable):
    at: str = ""
    status: str = ""


class CnaVersion(Inseparable, rename="camel"):
    version: str = ""
    status: str = "affected"
    less_than: str = ""
    less_than_or_equal: str = ""
    version_type: str = ""
    changes: tuple[VersionChange, ...] = ()


class CnaProduct(msgspec.Struct, rename="camel"):
    """One product with its versions (CVE record format, `affected[]`)."""

    vendor: str = ""
    product: str = ""
    package_name: str = ""
    package_url: str = msgspec.field(name="packageURL", default="")
    versions: list[CnaVersion] = []
    default_status: str = ""
    platforms: list[str] = []
    cpes: list[str] = []


_ANY_START = frozenset({"", "0", "*", "n/a", "unspecified"})
_NO_END = frozenset({"*", "unspecified"})


def affected_products(
    products: Sequence[CnaProduct], origin: Origin | None = None, *, odd: bool = False
) -> Iterator[Affected]:
    """One entry for each product, and one more for each further CPE name of a product.

    Args:
        origin: whose statements they are, where it is not the record's own CNA.
        odd: a part could not be read, which may be the statement that a product is affected; then none is unaffected.
    """
    for product in products:
        affected = odd or not is_unaffected(product)
        yield Affected(
            cpe=product.cpes[0] if product.cpes else "",
            vendor=product.vendor,
            product=product.product,
            package=product.package_name,
            purl=product.package_url,
            vulnerable=affected,
            versions=tuple([_version_text(version) for version in product.versions]),
            version_type=_version_type(product),
            default_status=product.default_status,
            platforms=tuple(product.platforms),
            origin=origin,
        )
        for cpe in product.cpes[1:]:
            yield Affected(
                cpe=cpe,
                vendor=product.vendor,
                product=product.product,
                package=product.package_name,
                purl=product.package_url,
                vulnerable=affected,
                origin=origin,
            )


def _version_type(product: CnaProduct) -> str:
    """The `versionType` of the product's versions; "" if they have none, or several."""
    types = {version.version_type for version in product.versions}
    return types.pop() if len(types) == 1 else ""


def is_unaffected(product: CnaProduct) -> bool:
    """Whether the source lists the product only to say that it is not affected.

    One with fixed versions only, "unaffected from 154 on" without a default, is affected before.
    """
    if not product.default_status and any(map(_is_fix, product.versions)):
        return False
    stated = {version.status for version in product.versions}
    stated |= {change.status for version in product.versions for change in version.changes}
    if product.default_status:
        stated.add(product.default_status)
    return stated == {"unaffected"}


def _is_fix(version: CnaVersion) -> bool:
    end = version.less_than or version.less_than_or_equal
    return version.status == "unaffected" and end in _NO_END and version.version not in _ANY_START


def _version_text(version: CnaVersion) -> str:
    """A version entry as text: "4.12", "1.0 to before 2.0", "all up to 3", "unaffected: 2.1"; `changes` at the end."""
    text = version.version
    if version.less_than or version.less_than_or_equal:
        text = _range(version)
    if version.status != "affected":
        text = f"{version.status}: {text}"
    for change in version.changes:
        text += f", {change.status} from {change.at}"
    return text


def _range(version: CnaVersion) -> str:
    end = version.less_than or version.less_than_or_equal
    from_the_first = version.version in _ANY_START
    if end in _NO_END:
        return "all" if from_the_first else f"{version.version} and later"
    until = f"before {end}" if version.less_than else f"up to {end}"
    if from_the_first:
        return f"all {until}"
    return f"{version.version} to before {end}" if version.less_than else f"{version.version} to {end}"
