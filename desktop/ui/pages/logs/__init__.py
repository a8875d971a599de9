from desktop.ui.pages.logs.page import LogsPage

__all__ = ["LogsPage"]
