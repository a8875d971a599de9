from __future__ import annotations

from desktop.ui.page import Page


class SchedulePage(Page):
    pass
