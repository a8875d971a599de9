"""The configuration reference agrees with the settings model."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from backend.config import Settings

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[3] / "resources" / "config_reference.py"))


def test_the_reference_is_up_to_date() -> None:
    assert TOOL["REFERENCE"].read_text(encoding="utf-8") == TOOL["reference"](), "run resources/config_reference.py"


def test_every_setting_is_described() -> None:
    assert list(_without_description(Settings)) == []


def _without_description(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _without_description(field.annotation)
        elif not (field.description or "").endswith("."):
            yield f"{model.__name__}.{name}"
