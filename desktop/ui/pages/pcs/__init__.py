"""PCs: what is installed on all machines that share the database."""

from desktop.ui.pages.pcs.page import PcsPage

__all__ = ["PcsPage"]
