"""Signatures of bundles: Ed25519 (RFC 8032) of the digest at the end of the file.

A signature says who made a bundle; the digest alone says only that it is whole. A key is 32 bytes, written as 64
hexadecimal digits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from backend.contract.errors import ConfigurationError, OpenThreatError
from backend.services.bundle.bundle_file import SIGNATURE, Bundle, BundleRefused

if TYPE_CHECKING:
    from nacl.signing import SigningKey

_KEY = 32
_WHO = "Load a bundle that was signed with the key of `bundle.trusted_key`, or change that setting."


def make_key(path: Path) -> str:
    """Write a new secret key into a file that only its owner can read, and return the public key.

    Raises:
        FileExistsError: The file exists; a key is never overwritten.
        OSError: The file cannot be written.
    """
    from nacl.signing import SigningKey

    key = SigningKey.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key.encode().hex())
    return key.verify_key.encode().hex()


def read_key(path: Path) -> SigningKey:
    """Read a secret key.

    Raises:
        OpenThreatError: The file has no key.
        OSError: The file cannot be read.
    """
    from nacl.signing import SigningKey

    try:
        return SigningKey(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except ValueError as error:
        hint = "Make one with `openthreat bundle key FILE`."
        raise OpenThreatError("The key cannot be used", f"{path} has no secret key.", hint) from error


def sign(path: Path, key: SigningKey) -> None:
    """Sign a bundle, in place of an earlier signature.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("r+b") as file:
        file.seek(-SIGNATURE.stop, os.SEEK_END)
        digest = file.read(SIGNATURE.start)
        file.write(key.sign(digest).signature)


def checked_signer(bundle: Bundle, trusted_key: str) -> str | None:
    """The public key that a bundle was signed with; None if none is asked for.

    Args:
        trusted_key: the only key whose bundles are accepted; empty: bundles need no signature.

    Raises:
        BundleRefused: It is not signed with this key.
        ConfigurationError: The setting is no key.
    """
    if not trusted_key:
        return None
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    try:
        key = VerifyKey(bytes.fromhex(trusted_key))
    except ValueError as error:
        what = f"A key has {2 * _KEY} hexadecimal digits."
        raise ConfigurationError("`bundle.trusted_key` is no key", what, "Correct it in settings.toml.") from error
    if not bundle.is_signed:
        raise BundleRefused("It is not signed, and only signed bundles are accepted here.", _WHO)
    try:
        key.verify(bundle.digest, bundle.signature)
    except BadSignatureError as error:
        raise BundleRefused("It was signed with another key than the trusted one, or was changed.", _WHO) from error
    return trusted_key.lower()
