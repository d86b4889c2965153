"""Copies of media files, beside a copy of the database that names them.

A file never changes under its hash, so a backup takes only those that are new to its folder, and
many backups share one copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from opencme.core.keeping.files import sha256_of_file, written_whole

from .files import place_of
from .models import MediaFile


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A media file by its content."""

    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copying did: new files and their bytes; and the hashes of files that were not good."""

    files: int
    length: int
    wanting: tuple[str, ...]


def media_named_in(using: str) -> tuple[KeptFile, ...]:
    """Every file that a database names."""
    rows = MediaFile.objects.using(using).order_by("sha256").values_list("sha256", "length")
    return tuple(KeptFile(*row) for row in rows)


def missing_media(files: Iterable[KeptFile], folder: Path) -> tuple[KeptFile, ...]:
    """The files that a folder lacks, judged by name and length."""
    return tuple(file for file in files if not _is_there(file, folder))


def copy_media(
    files: Iterable[KeptFile], *, source: Path, target: Path, tell: Callable[[int], None] = lambda _: None
) -> Copied:
    """Copy the files that `target` lacks, each held to its hash on the way; `tell` hears each length.

    A file that is not in `source`, or is not what its name says, is left out and named.
    """
    number = length = 0
    wanting = []
    for file in missing_media(files, target):
        if _copy_one(file, source, target):
            number, length = number + 1, length + file.length
        else:
            wanting.append(file.sha256)
        tell(file.length)
    return Copied(number, length, tuple(wanting))


def _is_there(file: KeptFile, folder: Path) -> bool:
    place = place_of(file.sha256, folder)
    return place.is_file() and place.stat().st_size == file.length


def _copy_one(file: KeptFile, source: Path, target: Path) -> bool:
    origin, place = place_of(file.sha256, source), place_of(file.sha256, target)
    if not origin.is_file():
        return False
    place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with written_whole(place, mode=0o640) as draft:
        shutil.copyfile(origin, draft)
        is_good = sha256_of_file(draft) == file.sha256
        if not is_good:
            draft.unlink()
    return is_good
