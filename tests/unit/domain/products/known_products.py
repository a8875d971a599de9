"""A product index in memory, for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from backend.domain.products.name_forms import product_forms
from backend.domain.products.product import KnownProduct, ProductKey


class KnownProducts:
    """Products by their forms, as the database stores them. `looked_up` counts the forms of all look-ups."""

    def __init__(self, *keys: str, packages: dict[str, str] | None = None) -> None:
        self.looked_up = 0
        self._by_form: defaultdict[str, list[KnownProduct]] = defaultdict(list)
        for key in map(ProductKey.parse, keys):
            for form in product_forms(key).all:
                self._by_form[form].append(KnownProduct(key, 1))
        for purl, key_text in (packages or {}).items():
            self._by_form[purl].append(KnownProduct(ProductKey.parse(key_text), 1))

    def find(self, forms: Sequence[str]) -> Iterable[KnownProduct]:
        self.looked_up += len(forms)
        return list(dict.fromkeys(product for form in forms for product in self._by_form.get(form, ())))
