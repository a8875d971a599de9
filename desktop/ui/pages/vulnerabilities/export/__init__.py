"""Vulnerabilities as files: CSV for spreadsheets, JSON for programs."""
