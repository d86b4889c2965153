"""Telling signing keys apart, without showing them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes


class NotAKey(Exception):
    """A file that should hold the signing key holds none."""


def fingerprint_of(key_file: Path) -> str:
    """The sha256 of the public key in a file with the signing key. Raises `NotAKey`."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except ValueError as trouble:
        raise NotAKey(f"{key_file} holds no signing key.") from trouble
    return public_fingerprint(key.public_key())


def public_fingerprint(key: PublicKeyTypes) -> str:
    """The sha256 of a public key: what stands in backups, and beside the names of signers."""
    encoded = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()
