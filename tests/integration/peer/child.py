"""One update with a peer, however many cores there are, in a process that the test kills."""

from __future__ import annotations

import sys
from unittest.mock import patch

from tests.integration.replay.child import main

if __name__ == "__main__":
    with patch("backend.services.update.peer.usable_cores", return_value=2):
        sys.exit(main())
