from desktop.ui.pages.this_pc.page import ThisPcPage

__all__ = ["ThisPcPage"]
