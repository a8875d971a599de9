"""Keys and signed manifests of the check for new versions: `python resources/sign_release.py keys | manifest`.

    keys       creates a key pair: the secret key is written to the file named by OPENTHREAT_RELEASE_KEY, which must not
               exist yet; the public key, for desktop/releases/publication.py, is printed
    manifest   prints a manifest of this version, signed with that key and valid for --days days (90)

A manifest is published at its address in desktop/releases/publication.py, and replaced before it expires. The script
needs the packages of the program: `python resources/bootstrap.py python resources/sign_release.py`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from backend.contract.errors import OpenThreatError
from backend.contract.version import VERSION
from backend.network.access import NetworkAccess
from desktop.releases.check import Publisher, is_safe_address
from desktop.releases.manifest import ManifestRejected, verified_manifest
from desktop.releases.publication import PUBLICATION, Publication

KEY_FILE = "OPENTHREAT_RELEASE_KEY"
VALID = timedelta(days=90)


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser("sign_release", description="keys and manifests of releases")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("keys")
    manifest = commands.add_parser("manifest")
    manifest.add_argument("--days", type=int, default=VALID.days)
    options = parser.parse_args(words)
    try:
        if options.command == "keys":
            answer = make_keys(_key_file())
        else:
            answer = signed_manifest(PUBLICATION, VERSION, datetime.now(UTC), timedelta(days=options.days))
    except OpenThreatError as error:
        parser.error(f"{error} {error.hint}")
    sys.stdout.write(answer + "\n")
    return 0


def make_keys(path: Path) -> str:
    """Create a key pair and return the public key.

    Raises:
        OpenThreatError: The file cannot be created, or exists; a key is never overwritten.
    """
    key = SigningKey.generate()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(key.encode().hex())
    except OSError as error:
        raise OpenThreatError("The key cannot be stored", f"{error}.", f"Name a new file in {KEY_FILE}.") from error
    return key.verify_key.encode().hex()


def signed_manifest(publication: Publication | None, version: str, at: datetime, valid: timedelta = VALID) -> str:
    """Sign the manifest of a version, and verify it as the published program will do.

    Raises:
        OpenThreatError: The build settings have no address of a manifest, the key cannot be read, or the published
            program would not request the manifest, or reject it.
    """
    if publication is None or publication.manifest is None:
        raise OpenThreatError(
            "This build does not check for new versions",
            "desktop/releases/publication.py has no address of a manifest.",
            "resources/releasing.md says how to set it.",
        )
    if not is_safe_address(publication.manifest.url):
        raise OpenThreatError(
            "The program would not request this manifest",
            f"{publication.manifest.url} does not begin with https://.",
            "Correct the address in desktop/releases/publication.py.",
        )
    document = signed(_stored_key(_key_file()), version, publication.page_of(version), at, valid)
    publisher = Publisher(publication.manifest.url, publication.manifest.key, NetworkAccess)
    try:
        verified_manifest(document.encode(), publisher.verify, None, at)
    except ManifestRejected as error:
        raise OpenThreatError(
            "The program would reject this manifest",
            f"By the settings in desktop/releases/publication.py {error}.",
            f"Use the key in {KEY_FILE} that belongs to it, or correct the addresses there.",
        ) from error
    return document


def signed(key: SigningKey, version: str, page: str, at: datetime, valid: timedelta) -> str:
    manifest = {"version": version, "page": page, "issued_at": at.isoformat(), "expires_at": (at + valid).isoformat()}
    text = json.dumps(manifest)
    signature = key.sign(text.encode()).signature
    return json.dumps({"manifest": text, "signature": base64.b64encode(signature).decode()})


def _key_file() -> Path:
    path = os.environ.get(KEY_FILE)
    if not path:
        raise OpenThreatError(f"{KEY_FILE} is not set", "It names the file of the secret key.", "Set it to that path.")
    return Path(path)


def _stored_key(path: Path) -> SigningKey:
    try:
        return SigningKey(bytes.fromhex(path.read_text(encoding="ascii")))
    except (OSError, ValueError, CryptoError) as error:
        raise OpenThreatError(
            "The secret key cannot be read", f"{path}: {error}.", f"Name the right file in {KEY_FILE}."
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
