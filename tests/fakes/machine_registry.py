"""The registry of a Windows PC in memory: as its reader gives it, and as `winreg` does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from desktop.host import Hive, RegistryKey, RegistryView
from desktop.host.registry_windows import WindowsRegistry


class FakeWatch:
    """`change` reports a change."""

    def __init__(self) -> None:
        self._changed, self._news, self._interrupted = 0, threading.Condition(), False

    def change(self) -> None:
        with self._news:
            self._changed += 1
            self._news.notify_all()

    def wait(self, seconds: float | None = None) -> bool:
        with self._news:
            self._news.wait_for(lambda: self._changed or self._interrupted, seconds)
            changed, self._changed = bool(self._changed), 0
            return changed and not self._interrupted

    def interrupt(self) -> None:
        with self._news:
            self._interrupted = True
            self._news.notify_all()

    def close(self) -> None:
        return


@dataclass
class FakeMachineRegistry:
    """Keys with their values; reading a denied key fails as Windows lets it fail."""

    keys: dict[RegistryKey, dict[str, object]] = field(default_factory=dict)
    denied: set[RegistryKey] = field(default_factory=set)
    watched: FakeWatch | None = field(default_factory=FakeWatch)

    def put(self, key: RegistryKey, **values: object) -> None:
        self.keys[key] = values

    def subkeys(self, key: RegistryKey) -> list[str]:
        self._check(key)
        prefix = f"{key.path}\\"
        below = (other.path.removeprefix(prefix) for other in self.keys if self._is_below(other, key, prefix))
        return list(dict.fromkeys(name.split("\\", 1)[0] for name in below))

    def values(self, key: RegistryKey) -> dict[str, object]:
        self._check(key)
        return {name.casefold(): value for name, value in self.keys.get(key, {}).items()}

    def watch(self, keys: Sequence[RegistryKey]) -> FakeWatch:
        if self.watched is None:
            raise FileNotFoundError("none of the keys can be watched")
        return self.watched

    def _is_below(self, other: RegistryKey, key: RegistryKey, prefix: str) -> bool:
        return (other.hive, other.view) == (key.hive, key.view) and other.path.startswith(prefix)

    def _check(self, key: RegistryKey) -> None:
        if key in self.denied:
            raise PermissionError(13, "Access is denied")
        if key not in self.keys and not any(self._is_below(other, key, f"{key.path}\\") for other in self.keys):
            raise FileNotFoundError(2, "The system cannot find the file specified", key.path)


class FakeWinReg:
    """The part of `winreg` that the reader uses, over the same keys."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = 1, 2
    KEY_READ, KEY_NOTIFY, KEY_WOW64_64KEY, KEY_WOW64_32KEY = 0x20019, 0x10, 0x100, 0x200

    def __init__(self, registry: FakeMachineRegistry) -> None:
        self._registry = registry

    @contextmanager
    def OpenKey(self, key: int, sub_key: str, reserved: int, access: int) -> Iterator[RegistryKey]:  # noqa: N802
        view = RegistryView.NARROW if access & self.KEY_WOW64_32KEY else RegistryView.WIDE
        opened = RegistryKey(Hive.MACHINE if key == self.HKEY_LOCAL_MACHINE else Hive.USER, sub_key, view)
        self._registry.values(opened)
        yield opened

    def QueryInfoKey(self, key: RegistryKey) -> tuple[int, int, int]:  # noqa: N802
        return len(self._registry.subkeys(key)), len(self._registry.keys.get(key, {})), 0

    def EnumKey(self, key: RegistryKey, index: int) -> str:  # noqa: N802
        return self._registry.subkeys(key)[index]

    def EnumValue(self, key: RegistryKey, index: int) -> tuple[str, object, int]:  # noqa: N802
        return (*list(self._registry.keys[key].items())[index], 1)


def through_winreg(registry: FakeMachineRegistry) -> WindowsRegistry:
    return WindowsRegistry(FakeWinReg(registry))
