"""Which backup takes an upgrade back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opencme.cli.keeping.backing_up import backups_folder
from opencme.core.keeping.files import written_whole

NOTE = "before-upgrade.json"


def note_way_back(folder: Path, *, finished: bool) -> None:
    """Remember the backup that an upgrade began with, and whether that upgrade came to its end."""
    with written_whole(backups_folder() / NOTE) as draft:
        draft.write_text(json.dumps({"path": str(folder), "finished": finished}))


def way_back() -> Path | None:
    """The backup from before the last upgrade; none where none was noted or it is gone."""
    note = _note()
    folder = Path(note["path"]) if note else None
    return folder if folder and folder.is_dir() else None


def way_back_of_unfinished() -> Path | None:
    """The same, where that upgrade was broken off: a later backup would hold half of it."""
    note = _note()
    return way_back() if note and not note["finished"] else None


def note_finished() -> None:
    """One that was broken off came to its end after all: the next has its own backup to go back to."""
    begun = way_back_of_unfinished()
    if begun is not None:
        note_way_back(begun, finished=True)


def forget_way_back() -> None:
    """A backup was restored, this one or another: what was upgraded stands no longer."""
    (backups_folder() / NOTE).unlink(missing_ok=True)


def _note() -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = json.loads((backups_folder() / NOTE).read_text())
    except FileNotFoundError:
        return None
    return said
