"""Where media files lie: under their hash, written once, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1024 * 1024


def path_of(sha256: str) -> Path:
    """Return where the file of this hash lies, whether or not it is there."""
    return place_of(sha256, Path(settings.MEDIA_ROOT))


def place_of(sha256: str, folder: Path) -> Path:
    """Return where the file of this hash lies in a folder of such files."""
    return folder / sha256[:2] / sha256


def sha256_of(stream: BinaryIO) -> str:
    """Return the hash of everything the stream still holds."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def keep_file(source: BinaryIO) -> str:
    """Copy a stream under its hash and return the hash; a file already there is left as it is.

    The copy is complete and on disk before it has its name, so no reader ever sees half a file.
    """
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=root, prefix=".incoming-", delete=False) as copy:
        incoming = Path(copy.name)
        try:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
    return _under_its_hash(incoming, digest.hexdigest())


def _under_its_hash(incoming: Path, sha256: str) -> str:
    target = path_of(sha256)
    if target.exists():
        incoming.unlink()
        return sha256
    target.parent.mkdir(mode=0o750, exist_ok=True)
    incoming.chmod(settings.FILE_UPLOAD_PERMISSIONS)
    incoming.replace(target)
    return sha256
