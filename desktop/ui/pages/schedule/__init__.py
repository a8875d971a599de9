from desktop.ui.pages.schedule.page import SchedulePage

__all__ = ["SchedulePage"]
