from desktop.ui.pages.diagnostics.page import DiagnosticsPage

__all__ = ["DiagnosticsPage"]
