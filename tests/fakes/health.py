"""The health of a healthy API."""

from __future__ import annotations

OK = {"state": "ok", "message": "The database answers."}
HEALTH = {
    "status": "ok",
    "program": "openthreat",
    "version": "0.1.0",
    "pid": 4711,
    "instance": "ours",
    "home": "home",
    "started_at": "2026-01-01T00:00:00Z",
    **dict.fromkeys(("database", "broker", "workers", "beat"), OK),
}
