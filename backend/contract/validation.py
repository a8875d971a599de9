"""The errors of pydantic in words that continue the name of a field: "priority is not a number"."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import ErrorDetails

_REASONS: Mapping[str, str] = {
    "missing": "is missing",
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is too large",
    "int_type": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "finite_number": "is not a finite number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "string_type": "is not text",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "too_long": "is longer than {max_length} {unit}",
    "too_short": "is empty",
    "timezone_aware": "has no time zone",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "enum": "is not one of {expected}",
    "literal_error": "is not one of {expected}",
    "extra_forbidden": "is not a known name",
    "string_pattern_mismatch": "is blank, or does not have the required form",
    "value_error": "{error}",
}


def reason_of(problem: ErrorDetails) -> str:
    """Return why a value is refused. The value itself is left out: it may be long, not printable or a secret.

    Args:
        problem: One of the entries of `ValidationError.errors()`.
    """
    template = _REASONS.get(problem["type"])
    if template is None:
        return f"is invalid: {problem['msg']}"
    words = problem.get("ctx", {})
    unit = "characters" if words.get("field_type") == "Value" else "entries"  # of text that was changed before
    return template.format_map({"unit": unit, **words})


def explanation_of(problem: ErrorDetails) -> str:
    """Return why the value of a setting is refused, as a sentence of its own."""
    return f"It {reason_of(problem)}." if problem["type"] in _REASONS else f"{problem['msg']}."
