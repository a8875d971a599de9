from desktop.ui.pages.tasks.page import TasksPage

__all__ = ["TasksPage"]
