"""Reading the Windows registry, and waiting for its changes: what both twins promise."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import NamedTuple, Protocol

from backend.client.inventory.uninstall import RegistryValue


class Hive(StrEnum):
    MACHINE = "HKEY_LOCAL_MACHINE"
    USER = "HKEY_CURRENT_USER"


class RegistryView(Enum):
    """Which of the two sets of keys on 64-bit Windows: that of 64-bit or of 32-bit programs."""

    WIDE = 64
    NARROW = 32


class RegistryKey(NamedTuple):
    hive: Hive
    path: str
    view: RegistryView = RegistryView.WIDE

    def below(self, name: str) -> RegistryKey:
        return self._replace(path=f"{self.path}\\{name}")

    def __str__(self) -> str:
        suffix = " (32-bit)" if self.view is RegistryView.NARROW else ""
        return f"{self.hive}\\{self.path}{suffix}"


class RegistryReader(Protocol):
    """Reads keys.

    Raises:
        FileNotFoundError: there is no such key.
        OSError: it cannot be read; PermissionError where access is denied.
    """

    def subkeys(self, key: RegistryKey) -> list[str]: ...

    def values(self, key: RegistryKey) -> dict[str, RegistryValue]:
        """The values by their names in lower case."""
        ...


class RegistryWatch(Protocol):
    """Tells when something below some keys changes."""

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for a change, at most so long; False where there was none, or after `interrupt`."""
        ...

    def interrupt(self) -> None:
        """End the present and all later calls of `wait`; may be called from any thread."""
        ...

    def close(self) -> None: ...


class Registry(RegistryReader, Protocol):
    def watch(self, keys: Sequence[RegistryKey]) -> RegistryWatch:
        """Watch keys; one that does not exist is noticed when it is made.

        Those that may not be read are left out.

        Raises:
            OSError: no key can be watched.
        """
        ...
