"""The program's version number. pyproject.toml, the API and the installer read it from here."""

VERSION = "0.1.0"
