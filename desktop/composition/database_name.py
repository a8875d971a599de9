"""The name under which what was read from a database is kept."""

from __future__ import annotations

from hashlib import blake2b

from backend.contract.environment import Environment
from backend.contract.settings import StackKind

_DIGEST = 16  # bytes


def database_name(environment: Environment, stack: StackKind) -> str:
    """Name the database of a stack: another one in the same data folder has another name.

    An embedded one is named by its file, so that one that was replaced is another one; one of the user's own servers
    by a digest of its address, which may hold a password. Docker's volume belongs to the data folder.
    """
    match stack:
        case StackKind.EMBEDDED:
            return f"{stack} {_file_name(environment)}"
        case StackKind.EXTERNAL:
            given = environment.database_url_given
            address = given.get_secret_value() if given else ""
            return f"{stack} {blake2b(address.encode(), digest_size=_DIGEST).hexdigest()}"
        case StackKind.DOCKER:
            return stack


def _file_name(environment: Environment) -> str:
    """Device and number of the file; "none" where there is none yet, or where it cannot be looked at."""
    try:
        found = environment.database_file.stat()
    except OSError:
        return "none"
    return f"{found.st_dev}:{found.st_ino}"
