"""Whether there is a backup, and how old it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from opencme.cli.doctor.findings import Finding, fine, size, trouble, warning

SUBJECT = "backups"
OLD = timedelta(hours=30)
TOO_OLD = timedelta(days=7)
REMEDY = "Run `opencme backup` every day; deploy/systemd has a timer for it. Keep copies on another machine."


def examine_backups(data: Path, *, at: datetime) -> Iterator[Finding]:
    """Read the note that each backup leaves."""
    note = data / "backups" / "last.json"
    try:
        said = json.loads(note.read_text())
        made_at, path, length = datetime.fromisoformat(said["at"]), Path(said["path"]), int(said["bytes"])
    except FileNotFoundError:
        yield warning(SUBJECT, "No backup was made yet.", REMEDY)
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield warning(
            SUBJECT, f"{note} cannot be read: {error}.", "Run `opencme backup`, which writes it anew."
        )
        return
    age = at - made_at
    told = f"The last backup, {path} of {size(length)}, is {in_words(age)} old."
    if age > TOO_OLD:
        yield trouble(SUBJECT, told, REMEDY)
    elif age > OLD:
        yield warning(SUBJECT, told, REMEDY)
    else:
        yield fine(SUBJECT, told)


def in_words(age: timedelta) -> str:
    """An age in its largest unit: 3 days, 5 hours, 12 minutes."""
    minutes = int(age.total_seconds() // 60)
    for unit, length in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * length:
            return f"{minutes // length} {unit}s"
    return f"{minutes} minutes"
