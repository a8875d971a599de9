"""Headers that identify and sign a message, by the Standard Webhooks specification 1.0.0 (standardwebhooks.com).

What is signed is `{id}.{time stamp}.{body}`, with HMAC-SHA256. A receiver computes the same from the headers and the
body as it came, compares in constant time, and refuses a time stamp that is more than five minutes old.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - the part that all secrets share
_SECRET_BYTES = 32


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def message_headers(message_id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers of one attempt. The id stays the same in all attempts; time stamp and signature do not.

    Args:
        secret: Empty: the message is not signed.
    """
    stamp = str(int(now.timestamp()))
    headers = {"Idempotency-Key": message_id, "webhook-id": message_id, "webhook-timestamp": stamp}
    if secret:
        signed = f"{message_id}.{stamp}.".encode() + body
        digest = hmac.digest(_key(secret), signed, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def _key(secret: str) -> bytes:
    """The key in a secret: base64 after the prefix; any other text is the key itself."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
