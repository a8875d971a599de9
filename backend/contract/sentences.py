"""Texts put together."""

from __future__ import annotations


def sentences(*parts: str) -> str:
    """In one line, each with a full stop; empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
