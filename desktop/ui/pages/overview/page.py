"""What needs attention first, and how everything stands."""

from __future__ import annotations

from desktop.ui.page import Page


class OverviewPage(Page):
    pass
