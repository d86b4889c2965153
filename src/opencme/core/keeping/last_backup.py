"""The note that each backup leaves: when the last one was made, where it lies, how large it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .files import written_whole


class NoteUnreadable(ValueError):
    """The note is there and says nothing of use; the message says why."""


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The backup that was made last: its time, its folder, and the bytes that it took."""

    made_at: datetime
    path: Path
    bytes: int


def backups_of(data: Path) -> Path:
    """Where the backups of an installation go unless somebody says otherwise; the note always lies there."""
    return data / "backups"


def note_of(data: Path) -> Path:
    """The file that the note is."""
    return backups_of(data) / "last.json"


def remember_last_backup(data: Path, last: LastBackup) -> None:
    """Write the note, whole or not at all."""
    note = note_of(data)
    note.parent.mkdir(mode=0o700, exist_ok=True)
    said = {"at": last.made_at.isoformat(), "path": str(last.path), "bytes": last.bytes}
    with written_whole(note) as draft:
        draft.write_text(json.dumps(said))


def last_backup(data: Path) -> LastBackup | None:
    """What the note says; None where no backup was made yet. Raises `NoteUnreadable`."""
    try:
        said = json.loads(note_of(data).read_text())
        return LastBackup(datetime.fromisoformat(said["at"]), Path(said["path"]), int(said["bytes"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise NoteUnreadable(str(trouble)) from trouble
