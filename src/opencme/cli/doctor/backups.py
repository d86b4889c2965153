"""Whether there is a backup, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from opencme.cli.doctor.findings import Finding, fine, size, trouble, warning
from opencme.core.keeping.last_backup import NoteUnreadable, last_backup, note_of

SUBJECT = "backups"
OLD = timedelta(hours=30)
TOO_OLD = timedelta(days=7)
REMEDY = "Run `opencme backup` every day; deploy/systemd has a timer for it. Keep copies on another machine."


def examine_backups(data: Path, *, at: datetime) -> Iterator[Finding]:
    """Read the note that each backup leaves."""
    try:
        last = last_backup(data)
    except NoteUnreadable as trouble_with_it:
        told = f"{note_of(data)} cannot be read: {trouble_with_it}."
        yield warning(SUBJECT, told, "Run `opencme backup`, which writes it anew.")
        return
    if last is None:
        yield warning(SUBJECT, "No backup was made yet.", REMEDY)
        return
    age = at - last.made_at
    told = f"The last backup, {last.path} of {size(last.bytes)}, is {in_words(age)} old."
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
