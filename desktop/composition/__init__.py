"""Wires all parts of the program together. Qt is imported by `desktop.ui.app` only."""
