"""Careful matching of a program's name with the products that the records name; unknown rather than wrong.

Name and publisher must both agree. Where no publisher is stated, or the vendor is named after its product, the name
must be complete. Words that make a part of a product ("plugin", "driver", "for ...") and the roles client and server
must be the same on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from enum import IntEnum
from typing import NamedTuple

from backend.domain.products.name_forms import (
    MIN_FORM,
    NameForms,
    name_forms,
    part_words,
    product_forms,
    role_words,
)
from backend.domain.products.product import KnownProduct, ProductIndex, ProductKey, UnknownReason, united
from backend.domain.products.publishers import may_be_same, name_words, named_like
from backend.domain.products.vocabulary import CLIENT_ROLES, SERVER_ROLES

MAX_CANDIDATES = 5
MIN_DISTINCTIVE = 5  # characters of a name that identifies a product without its publisher


class Agreement(IntEnum):
    """How publisher and vendor agree."""

    NONE = 0
    LIKE_PRODUCT = 1  # the vendor is named after its product
    SAME = 2


class Fit(NamedTuple):
    """How well a known product fits a name: the fewer words were dropped, the smaller tier and place."""

    tier: int
    place: int
    agreement: Agreement
    known: KnownProduct


class GenericMatch(NamedTuple):
    keys: tuple[ProductKey, ...]
    candidates: tuple[ProductKey, ...]
    reason: UnknownReason | None


def generic_match(name: str, publisher: str, known: ProductIndex) -> GenericMatch:
    """Find the product of a name that no curated line has."""
    forms = name_forms(name, publisher)
    if not forms.all:
        return GenericMatch((), (), UnknownReason.NO_NAME)
    parts = part_words(name)
    found = [product for product in known.find(forms.all) if part_words(product.key.product) == parts]
    fits = sorted((fit for product in found if (fit := _fit(publisher, forms, product))), key=_order)
    agreeing = [fit for fit in fits if fit.agreement]
    if not agreeing:
        reason = UnknownReason.PUBLISHER if found else UnknownReason.NO_RECORDS
        return GenericMatch((), _keys(fits)[:MAX_CANDIDATES], reason)
    return _chosen(name, agreeing)


def _chosen(name: str, fits: Sequence[Fit]) -> GenericMatch:
    """The best fit with what is the same product. Where client and server of a name are both known, neither."""
    roles = role_words(name)
    if not roles and any(_has(fit, CLIENT_ROLES) for fit in fits) and any(_has(fit, SERVER_ROLES) for fit in fits):
        return GenericMatch((), _keys(fits)[:MAX_CANDIDATES], UnknownReason.AMBIGUOUS)
    same_role = [fit for fit in fits if _roles_agree(roles, fit.known.key)]
    if not same_role:
        return GenericMatch((), _keys(fits)[:MAX_CANDIDATES], UnknownReason.AMBIGUOUS)
    best = same_role[0]
    same = [fit for fit in same_role if fit.tier <= max(best.tier, 1) and _is_same_product(fit, best)]
    return GenericMatch(_keys(sorted(same, key=lambda fit: -fit.known.records)), (), None)


def _fit(publisher: str, forms: NameForms, product: KnownProduct) -> Fit | None:
    """None for a product that was found by something else than its name, such as a package of it."""
    stored = product_forms(product.key)
    asked = tuple(dict.fromkeys((*forms.stated, *forms.own)))
    tiers = (
        (asked, stored.complete),
        (asked, stored.short),
        (forms.shortened, stored.complete),
        (forms.shortened, stored.short),
    )
    for tier, (names, products) in enumerate(tiers):
        if form := next((form for form in names if form in products), ""):
            complete = tier == 0 and form in forms.stated
            return Fit(tier, names.index(form), _agreement(publisher, product.key, form, complete=complete), product)
    return None


def _agreement(publisher: str, key: ProductKey, form: str, *, complete: bool) -> Agreement:
    """complete: the form is that of the whole name and of the whole product."""
    if publisher and may_be_same(publisher, key.vendor):
        return Agreement.SAME
    vendor = "".join(name_words(key.vendor))
    if not publisher and complete and vendor and form.startswith(vendor):
        return Agreement.SAME
    distinctive = complete and len(form) >= (MIN_DISTINCTIVE if publisher else MIN_FORM)
    return Agreement.LIKE_PRODUCT if distinctive and named_like(key.vendor, form) else Agreement.NONE


def _order(fit: Fit) -> tuple[int, int, int, int, ProductKey]:
    """Complete names go before shortened ones, then the vendor that agrees, then the product with more records."""
    return (fit.tier, -fit.agreement, fit.place, -fit.known.records, fit.known.key)


def _is_same_product(fit: Fit, other: Fit) -> bool:
    return fit.place == other.place or bool(
        set(product_forms(fit.known.key).all) & set(product_forms(other.known.key).complete)
    )


def _has(fit: Fit, roles: Set[str]) -> bool:
    return bool(role_words(fit.known.key.product) & roles)


def _roles_agree(roles: Set[str], key: ProductKey) -> bool:
    """Servers are the same on both sides; a client may be named without its role."""
    return roles & SERVER_ROLES == role_words(key.product) & SERVER_ROLES


def _keys(fits: Iterable[Fit]) -> tuple[ProductKey, ...]:
    return united(fit.known.key for fit in fits)
