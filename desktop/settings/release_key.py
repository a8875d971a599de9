"""Whose word on new versions is believed."""

from __future__ import annotations

PUBLIC_KEY = ""
"""Ed25519, in hexadecimal, as `resources/sign_release.py keys` prints it. Empty as long as nobody publishes releases:
then nothing is asked, and the settings say so.
"""
