"""Whether there is a backup, whether it is still there, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from opencme.cli.doctor.findings import Finding, fine, size, trouble, warning
from opencme.cli.keeping.manifest import FILE_NAME as MANIFEST
from opencme.core.keeping.last_backup import LastBackup, NoteUnreadable, last_backup, note_of

SUBJECT = "backups"
OLD = timedelta(hours=30)
TOO_OLD = timedelta(days=7)
SLACK = timedelta(minutes=5)
"""A clock that was set back by so little says nothing about a backup's age."""
REMEDY = "Run `opencme backup` every day; deploy/systemd has a timer for it. Keep copies on another machine."


def examine_backups(data: Path, *, at: datetime) -> Iterator[Finding]:
    """Read the note that each backup leaves, and look for what it names."""
    try:
        last = last_backup(data)
    except NoteUnreadable as trouble_with_it:
        told = f"{note_of(data)} cannot be read: {trouble_with_it}."
        yield warning(SUBJECT, told, "Run `opencme backup`, which writes it anew.")
        return
    if last is None:
        yield warning(SUBJECT, "No backup was made yet.", REMEDY)
        return
    if not (last.path / MANIFEST).is_file():
        yield trouble(
            SUBJECT,
            f"The last backup, {last.path}, cannot be found.",
            "Mount the disk that it lies on; if it was removed, run `opencme backup`, which makes another.",
        )
        return
    yield judged(last, age=at - last.made_at)


def judged(last: LastBackup, *, age: timedelta) -> Finding:
    """Judge a backup that is there by its age."""
    if age < -SLACK:
        return warning(
            SUBJECT,
            f"The last backup, {last.path}, is of {last.made_at:%Y-%m-%d %H:%M} UTC, which is yet to come.",
            "Set the clock right (`timedatectl`), then run `opencme backup`, which dates another.",
        )
    told = f"The last backup, {last.path} of {size(last.bytes)}, is {in_words(age)} old."
    if age > TOO_OLD:
        return trouble(SUBJECT, told, REMEDY)
    if age > OLD:
        return warning(SUBJECT, told, REMEDY)
    return fine(SUBJECT, told)


def in_words(age: timedelta) -> str:
    """An age in its largest unit: 3 days, 5 hours, 12 minutes."""
    minutes = int(age.total_seconds() // 60)
    for unit, length in (("day", 24 * 60), ("hour", 60)):
        if minutes >= 2 * length:
            return f"{minutes // length} {unit}s"
    return f"{minutes} minutes"
