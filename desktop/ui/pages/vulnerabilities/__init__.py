"""Vulnerabilities: found as one types, listed by the hundred thousand, told in full beside the list."""

from desktop.ui.pages.vulnerabilities.page import VulnerabilitiesPage

__all__ = ["VulnerabilitiesPage"]
