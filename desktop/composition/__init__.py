"""Puts the program together: the one place that knows every part. Qt stays out of it: `desktop.ui.app` brings that."""
