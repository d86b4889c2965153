"""Files that are whole or not there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(target: Path, *, mode: int = 0o600) -> Iterator[Path]:
    """Yield a path to write to, which takes the name `target` when its bytes are on the disk.

    Whoever removes it makes nothing.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.touch(mode=mode)
    try:
        yield draft
        if draft.exists():
            sync(draft)
            draft.replace(target)
            sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """See a file, or the names in a folder, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of_file(path: Path) -> str:
    """The digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
