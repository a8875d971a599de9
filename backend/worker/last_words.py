"""What a process says that cannot do its work, and the exit code that says it too."""

from __future__ import annotations

import sys

from backend.contract.exits import HOPELESS, UNREACHABLE, WRONG_USAGE
from backend.contract.sentences import sentences
from backend.errors import ConfigurationError, OpenThreatError, StoreDamaged, StoreTooNew


def last_words(error: OpenThreatError) -> int:
    """In one line, because the last line is what a supervisor passes on."""
    sys.stderr.write(sentences(str(error), error.hint) + "\n")
    if isinstance(error, ConfigurationError):
        return WRONG_USAGE
    return HOPELESS if isinstance(error, StoreTooNew | StoreDamaged) else UNREACHABLE
