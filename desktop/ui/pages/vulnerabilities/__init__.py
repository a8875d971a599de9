from desktop.ui.pages.vulnerabilities.page import VulnerabilitiesPage

__all__ = ["VulnerabilitiesPage"]
