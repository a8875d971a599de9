from desktop.ui.pages.inbox.page import InboxPage

__all__ = ["InboxPage"]
