"""Whether a version is in a range, surely and by the total order."""

from __future__ import annotations

import msgspec
import pytest

from backend.domain.versions import CannotCompare, Doubt, Scheme, Segment, VersionRange


@pytest.mark.parametrize(
    ("bounds", "version", "inside"),
    [
        (VersionRange("1.0", "2.0"), "1.0", True),
        (VersionRange("1.0", "2.0"), "2.0", False),
        (VersionRange("1.0", "2.0", False, True), "1.0", False),
        (VersionRange("1.0", "2.0", False, True), "2.0.0", True),
        (VersionRange("", "2.0"), "0.1", True),
        (VersionRange("1.0"), "99", True),
        (VersionRange("1.0", "2.0"), "2.0-rc1", True),
        (VersionRange(), "1.0", Doubt.NO_BOUNDS),
        (VersionRange("1.0", "2.0"), "", Doubt.NO_VERSION),
        (VersionRange("1.0", "2025.1"), "25.1", Doubt.SHAPE),
        (VersionRange("26.0", "2027.1"), "25.1", False),  # below the start, whatever the end means
        (VersionRange("1.0", "1.2"), "1.2-3", Doubt.SUFFIX),
        (VersionRange("2.0", "2.0.5"), "1.2-3", False),
        (VersionRange("1.0", "1.0"), "1.0", False),
        (VersionRange.exactly("1.0"), "1.0.0", True),
        (VersionRange.exactly("1.0"), "1.0 SP1", False),
        (VersionRange.exactly("1.2a"), "1.2.1", False),
        (VersionRange.exactly("2025.1"), "25.1", Doubt.SHAPE),
        (VersionRange.exactly("2025.1"), "n/a", Doubt.NO_VERSION),
        (VersionRange.exactly("preview_release"), "115.0", False),
        (VersionRange.exactly("1.0"), "release", Doubt.NOT_A_VERSION),
        (VersionRange("1.0.0", "1.0.0-rc", scheme=Scheme.SEMVER), "1.0.0-beta", False),
        (VersionRange("0a1b2c3d", "", scheme=Scheme.GIT), "1.0", Doubt.REVISION),
    ],
)
def test_contains(bounds: VersionRange, version: str, inside: bool | Doubt) -> None:
    assert bounds.contains(version) is inside


def test_includes_uses_the_total_order() -> None:
    assert VersionRange("1.0", "1.2").includes("1.2-dev1") is False
    assert VersionRange("1.0", "2025.1").includes("25.1")
    assert VersionRange().includes("1.0")
    with pytest.raises(CannotCompare):
        VersionRange("1.0").includes("unspecified")


def test_a_segment_is_stored_in_few_characters() -> None:
    segment = Segment(VersionRange("", "1.2.3"), fixed_in="1.2.3")
    stored = msgspec.json.encode(segment)
    assert stored == b'{"r":{"e":"1.2.3"},"f":"1.2.3"}'
    assert msgspec.json.decode(stored, type=Segment) == segment
