from desktop.ui.pages.notifications.page import NotificationsPage

__all__ = ["NotificationsPage"]
