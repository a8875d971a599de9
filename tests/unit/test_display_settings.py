"""Windows' settings of contrast and motion, read as on Windows from an answer of the test."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from desktop.host import session_linux, session_windows

HIGH_CONTRAST, ANIMATION = 0x0042, 0x1042


class User32:
    """Answers SystemParametersInfoW; unknown parameters fail, as on an older Windows."""

    def __init__(self, **known: int) -> None:
        self.known = known

    def SystemParametersInfoW(self, action: int, size: int, into: Any, _: int) -> int:  # noqa: N802 - Windows' name
        found = into._obj
        if action == HIGH_CONTRAST and "contrast" in self.known and size == ctypes.sizeof(found):
            found.flags = self.known["contrast"]
            return 1
        if action == ANIMATION and "animation" in self.known:
            found.value = self.known["animation"]
            return 1
        return 0


def answer(monkeypatch: pytest.MonkeyPatch, **known: int) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: User32(**known))


@pytest.mark.parametrize(("flags", "on"), [(0x1, True), (0x7F, True), (0x7E, False), (0, False)])
def test_a_contrast_theme_is_on_by_its_flag(monkeypatch: pytest.MonkeyPatch, flags: int, on: bool) -> None:
    answer(monkeypatch, contrast=flags)
    assert session_windows.high_contrast() is on


@pytest.mark.parametrize("value", [0, 1])
def test_animations_are_wanted_as_the_setting_says(monkeypatch: pytest.MonkeyPatch, value: int) -> None:
    answer(monkeypatch, animation=value)
    assert session_windows.animations_wanted() is bool(value)


def test_without_an_answer_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch)
    assert not session_windows.high_contrast()
    assert session_windows.animations_wanted()
    assert not session_linux.high_contrast()
    assert session_linux.animations_wanted()
