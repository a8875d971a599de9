"""The notes of a release: the section of its version in CHANGELOG.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from backend.contract.errors import OpenThreatError

_HEADING = re.compile(r"^## (?P<version>\S+) \((?P<day>[^)\n]*)\)[ \t]*$", re.MULTILINE)
_NEXT = re.compile(r"^## ", re.MULTILINE)


@dataclass(frozen=True)
class ReleaseNotes:
    """What has changed (Markdown), and the day of the release."""

    text: str
    released: date


def notes_of(changelog: str, version: str) -> ReleaseNotes:
    """Cut the notes of a version out of a changelog.

    Raises:
        OpenThreatError: There is no section `## VERSION (YYYY-MM-DD)` with a text.
    """
    heading = next((match for match in _HEADING.finditer(changelog) if match["version"] == version), None)
    if heading is None:
        raise _incomplete(f"It has no section of version {version}.", f"Add ## {version} (YYYY-MM-DD).")
    try:
        released = date.fromisoformat(heading["day"])
    except ValueError:
        raise _incomplete(
            f"The day of version {version} is ({heading['day']}).", "Write the day of the release as (YYYY-MM-DD)."
        ) from None
    following = _NEXT.search(changelog, heading.end())
    text = changelog[heading.end() : following.start() if following else None].strip()
    if not text:
        raise _incomplete(f"The section of version {version} is empty.", "Write what has changed for users.")
    return ReleaseNotes(f"{text}\n", released)


def _incomplete(message: str, hint: str) -> OpenThreatError:
    return OpenThreatError("The changelog is not ready for a release", message, hint)
