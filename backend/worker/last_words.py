"""What a process says that cannot do its work, and the exit code that says it too."""

from __future__ import annotations

import sys

from backend.contract.exits import UNREACHABLE, WRONG_USAGE
from backend.errors import ConfigurationError, OpenThreatError


def last_words(error: OpenThreatError) -> int:
    """In one line, because the last line is what a supervisor passes on."""
    sys.stderr.write(f"{error} {error.hint}".rstrip() + "\n")
    return WRONG_USAGE if isinstance(error, ConfigurationError) else UNREACHABLE
