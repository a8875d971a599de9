from desktop.ui.pages.first_start.page import FirstStartPage

__all__ = ["FirstStartPage"]
