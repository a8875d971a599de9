"""Keys and signed manifests for publishing releases: `python resources/sign_release.py keys | manifest VERSION PAGE`.

    keys       creates a key pair: the secret key is written to the file named by OPENTHREAT_RELEASE_KEY, which must not
               exist yet; the public key, for backend/contract/environment.py, is printed
    manifest   prints a manifest for a version, signed with that key and valid for --days days (90)

Publish the manifest at the address in OPENTHREAT_RELEASES_URL, and replace it before it expires.
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
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keys")
    manifest = commands.add_parser("manifest")
    manifest.add_argument("version")
    manifest.add_argument("page", help="web page with its description and download")
    manifest.add_argument("--days", type=int, default=90)
    options = parser.parse_args(words)
    path = os.environ.get(KEY_FILE)
    if not path:
        parser.error(f"{KEY_FILE} is not set")
    if options.command == "keys":
        answer = make_keys(Path(path))
    else:
        key = SigningKey(bytes.fromhex(Path(path).read_text(encoding="ascii")))
        answer = signed(key, options.version, options.page, datetime.now(UTC), timedelta(days=options.days))
    sys.stdout.write(answer + "\n")
    return 0


def make_keys(path: Path) -> str:
    """Create a key pair and return the public key.

    Raises:
        FileExistsError: The file exists; a key is never overwritten.
    """
    key = SigningKey.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.encode().hex())
    return key.verify_key.encode().hex()


def signed(key: SigningKey, version: str, page: str, at: datetime, valid: timedelta) -> str:
    manifest = {"version": version, "page": page, "issued_at": at.isoformat(), "expires_at": (at + valid).isoformat()}
    text = json.dumps(manifest)
    signature = key.sign(text.encode()).signature
    return json.dumps({"manifest": text, "signature": base64.b64encode(signature).decode()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
