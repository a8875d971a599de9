from __future__ import annotations

import pytest

from backend.domain.purl import winget_id


@pytest.mark.parametrize(
    ("purl", "found"),
    [
        ("pkg:winget/Mozilla.Firefox", "Mozilla.Firefox"),
        ("pkg:winget/Notepad%2B%2B.Notepad%2B%2B@8.5", "Notepad++.Notepad++"),
        ("pkg:npm/left-pad@1.0", ""),
        ("pkg:winget/Acme.Tool;calc", ""),
        ("pkg:winget/--force", ""),
        ("no package url", ""),
        ("", ""),
    ],
)
def test_the_id_in_winget_s_repository(purl: str, found: str) -> None:
    assert winget_id(purl) == found
