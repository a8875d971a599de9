"""What whoever publishes releases needs: `python resources/sign_release.py keys | manifest VERSION PAGE`.

    keys       makes a key pair: the secret key into the file named by OPENTHREAT_RELEASE_KEY, which must not exist yet,
               and the public one to standard output, for backend/contract/environment.py
    manifest   signs, with that key, what is to be said of the newest version, for --days days (90); to standard output

The manifest is put to where the program asks (OPENTHREAT_RELEASES_URL). Before its days are over it is made anew.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nacl.signing import SigningKey

KEY_FILE = "OPENTHREAT_RELEASE_KEY"


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser("sign_release", description="keys and manifests of releases")
    wishes = parser.add_subparsers(dest="wish", required=True)
    wishes.add_parser("keys")
    manifest = wishes.add_parser("manifest")
    manifest.add_argument("version")
    manifest.add_argument("page", help="where people read of it and fetch it")
    manifest.add_argument("--days", type=int, default=90)
    options = parser.parse_args(words)
    path = os.environ.get(KEY_FILE)
    if not path:
        parser.error(f"{KEY_FILE} names no file")
    if options.wish == "keys":
        answer = make_keys(Path(path))
    else:
        key = SigningKey(bytes.fromhex(Path(path).read_text(encoding="ascii")))
        answer = signed(key, options.version, options.page, datetime.now(UTC), timedelta(days=options.days))
    sys.stdout.write(answer + "\n")
    return 0


def make_keys(path: Path) -> str:
    """Gives the public key. Raises FileExistsError: a key that releases are signed with is never written over."""
    key = SigningKey.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.encode().hex())
    return key.verify_key.encode().hex()


def signed(key: SigningKey, version: str, page: str, at: datetime, valid: timedelta) -> str:
    said = {"version": version, "page": page, "issued_at": at.isoformat(), "expires_at": (at + valid).isoformat()}
    text = json.dumps(said)
    signature = key.sign(text.encode()).signature
    return json.dumps({"manifest": text, "signature": base64.b64encode(signature).decode()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
