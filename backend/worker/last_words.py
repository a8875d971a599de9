"""What a process says that cannot do its work, and the exit code that says it too."""

from __future__ import annotations

import sys

from backend.contract.errors import ConfigurationError, OpenThreatError, StoreDamaged, StoreTooNew
from backend.contract.formatting import sentences
from backend.contract.names import HOPELESS, UNREACHABLE, WRONG_USAGE


def last_words(error: OpenThreatError) -> int:
    """In one line, because the last line is what a supervisor passes on."""
    sys.stderr.write(sentences(str(error), error.hint) + "\n")
    if isinstance(error, ConfigurationError):
        return WRONG_USAGE
    return HOPELESS if isinstance(error, StoreTooNew | StoreDamaged) else UNREACHABLE
