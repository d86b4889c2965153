"""Writes of `media`."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from .files import keep_file, path_of
from .models import MediaFile


def store_media(*, source: BinaryIO, media_type: str, at: datetime) -> MediaFile:
    """Keep a file under its hash and its row; the same bytes again give the row that is there."""
    sha256 = keep_file(source)
    length = path_of(sha256).stat().st_size
    row, _ = MediaFile.objects.get_or_create(
        sha256=sha256,
        defaults={"media_type": media_type, "length": length, "stored_at": at},
    )
    return row
