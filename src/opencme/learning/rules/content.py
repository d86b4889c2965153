"""How much of a recording is demanded, and how much is left."""

from __future__ import annotations

from opencme.activities.document import Recording, Unit
from opencme.media.rules import covered_ms, demanded_ms

from .records import ContentRecord, PathState

WHOLE = 97
"""Percent of a recording that count as the whole of it: nobody plays the last second."""


def demanded_of(unit: Unit, recording: Recording) -> int:
    """Return the milliseconds of a recording that the activity demands.

    Nothing by default. A unit without a post-test rests on its content alone, hence on all of it.
    """
    length = recording.seconds * 1000
    if recording.demanded_percent is not None:
        return demanded_ms(length_ms=length, share_percent=recording.demanded_percent)
    return 0 if unit.post_test else demanded_ms(length_ms=length, share_percent=WHOLE)


def part_left_ms(unit: Unit, recording: Recording, record: ContentRecord) -> int:
    """Return how much of a recording is still demanded; nothing where it was attested or granted."""
    if record.attested_at or record.granted_at:
        return 0
    return max(0, demanded_of(unit, recording) - covered_ms(record.covered))


def is_part_met(unit: Unit, recording: Recording, record: ContentRecord) -> bool:
    """Whether what is demanded was covered; where nothing is, whether all of it was."""
    if demanded_of(unit, recording):
        return part_left_ms(unit, recording, record) == 0
    return _is_whole(recording, record)


def content_left_ms(unit: Unit, path: PathState) -> int:
    """Return how much of the unit's recordings is still demanded."""
    return sum(part_left_ms(unit, part, path.part(part.key)) for part in unit.recordings)


def is_wholly_covered(unit: Unit, path: PathState) -> bool:
    """Whether the content needs nothing more: all of it covered, attested or granted."""
    return bool(unit.recordings) and all(_is_whole(part, path.part(part.key)) for part in unit.recordings)


def _is_whole(recording: Recording, record: ContentRecord) -> bool:
    whole = demanded_ms(length_ms=recording.seconds * 1000, share_percent=WHOLE)
    attested = record.attested_at or record.granted_at
    return bool(attested) or covered_ms(record.covered) >= whole
