"""What a person may set."""

from __future__ import annotations

from desktop.ui.page import Page


class SettingsPage(Page):
    pass
