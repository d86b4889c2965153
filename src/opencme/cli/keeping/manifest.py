"""What a backup says of itself, in `manifest.json`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from opencme.core.keeping.contents import Contents
from opencme.core.keeping.files import written_whole
from opencme.media.keeping import KeptFile

FILE_NAME: Final = "manifest.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """The copy of the database: which kind, in which file, with which bytes."""

    vendor: str
    file: str
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs certificates, by the sha256 of its public half; the file, if it is in the backup."""

    fingerprint: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `wanting`: files that the database names and that were missing or damaged then."""

    format: int
    program: str
    made_at: datetime
    database: DatabaseCopy
    contents: Contents
    media: tuple[KeptFile, ...]
    wanting: tuple[str, ...]
    signing_key: SigningKey | None


class NoBackup(Exception):
    """A folder that should be a backup is none, or is of a later format; the message says why."""


_MANIFEST: Final = TypeAdapter(Manifest)


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into the backup's folder."""
    with written_whole(folder / FILE_NAME) as draft:
        draft.write_bytes(_MANIFEST.dump_json(manifest, indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup. Raises `NoBackup`."""
    try:
        manifest = _MANIFEST.validate_json((folder / FILE_NAME).read_bytes())
    except OSError as trouble:
        raise NoBackup(f"{folder} is no backup: it has no {FILE_NAME} that can be read.") from trouble
    except ValidationError as trouble:
        raise NoBackup(f"{folder / FILE_NAME} is damaged: {trouble.errors()[0]['msg']}.") from trouble
    if manifest.format > FORMAT:
        raise NoBackup(f"{folder} was made by OpenCME {manifest.program}. Use that version or a newer one.")
    return manifest
