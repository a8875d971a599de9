"""The Windows registry of one user in memory, with the interface of `winreg`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class FakeRegistry:
    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = 1, 2, 1

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, object]] = {}
        self.read_only = False
        self._opened: list[str] = []

    @contextmanager
    def OpenKey(self, key: int, sub_key: str) -> Iterator[int]:  # noqa: N802
        if sub_key not in self.keys:
            raise FileNotFoundError(sub_key)
        self._opened.append(sub_key)
        yield len(self._opened) - 1

    @contextmanager
    def CreateKeyEx(self, key: int, sub_key: str, reserved: int, access: int) -> Iterator[int]:  # noqa: N802
        if self.read_only:
            raise PermissionError(13, "Access is denied")
        self.keys.setdefault(sub_key, {})
        with self.OpenKey(key, sub_key) as opened:
            yield opened

    def QueryValueEx(self, key: int, name: str) -> tuple[object, int]:  # noqa: N802
        if name not in self._values(key):
            raise FileNotFoundError(name)
        return self._values(key)[name], self.REG_SZ

    def SetValueEx(self, key: int, name: str, reserved: int, kind: int, value: object) -> None:  # noqa: N802
        self._values(key)[name] = value

    def DeleteValue(self, key: int, name: str) -> None:  # noqa: N802
        if self._values(key).pop(name, None) is None:
            raise FileNotFoundError(name)

    def _values(self, key: int) -> dict[str, object]:
        return self.keys[self._opened[key]]
