from desktop.ui.pages.overview.page import OverviewPage

__all__ = ["OverviewPage"]
