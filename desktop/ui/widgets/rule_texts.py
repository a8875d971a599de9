"""Translated sentences of the rules of merging, which the API gives in English."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def rule_sentence(sentence: str) -> str:
    """Translate a sentence of `backend.domain.merge_rules.RULES_IN_WORDS`; an unknown one stays as it is."""
    return QCoreApplication.translate("merge rule", sentence)
