"""Signed addresses of media files: whoever has one may fetch the file until it ends.

An address names the file and a time and nothing else, so it says nothing about who holds it. It
stays the same for half a day, so that the browser's copy serves the next page as well, and is good
for half a day to a day, longer than any viewing.

Pictures need no signature: they stand on public pages, whose text must not change with the time.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

HALF_DAY = 12 * 60 * 60


def needs_signature(media_type: str) -> bool:
    """Whether files of this type are fetched by signed address only."""
    return not media_type.startswith("image/")


def end_of_address(at: datetime) -> int:
    """Return when an address made now ends, in seconds since 1970: the half day after this one."""
    return (int(at.timestamp()) // HALF_DAY + 2) * HALF_DAY


def signature_of(sha256: str, *, until: int) -> str:
    """Return the signature of a file's address that ends at `until`."""
    return Signer(salt="opencme.media.links").signature(f"{sha256}/{until}")


def is_good_address(sha256: str, *, until: str, signature: str, at: datetime) -> bool:
    """Say whether a signed address was made here and has not ended."""
    if not (until.isascii() and until.isdigit() and len(until) <= len("99999999999")):
        return False
    signer = Signer(salt="opencme.media.links")
    keys = [signer.key, *signer.fallback_keys]
    signed = any(
        constant_time_compare(signature, signer.signature(f"{sha256}/{int(until)}", key)) for key in keys
    )
    return signed and datetime.fromtimestamp(int(until), tz=UTC) > at
