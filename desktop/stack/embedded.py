"""Files in the data folder: there is nothing to start, and nothing that could be away."""

from __future__ import annotations


class EmbeddedStack:
    name = "embedded"

    def bring_up(self) -> None:
        """SQLite files are made by whoever opens them first."""

    def check(self) -> None:
        """A file does not go away."""

    def take_down(self) -> None:
        """Nothing was started."""
