"""Interval arithmetic of recordings: what was played, what was read, what is missing.

Plain values: a stretch is a pair of whole milliseconds, start inclusive, end
exclusive. Nothing here knows a person, a clock or a database.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

PLAYED_SPEED = 2
"""Nobody plays more than two minutes of a recording in a minute: the player offers up to 2x."""

READ_SPEED = 4
"""Text of four spoken minutes can be read in one (about 600 words a minute, a fast skim)."""

GRACE_MS = 30_000
"""Beats arrive late and in bunches; so much is taken on trust from the first one on."""

SMALLEST_GAP_MS = 1_000
"""Players report time in steps of about a quarter second: a shorter gap is no gap."""


def merged(*several: Iterable[Sequence[int]]) -> Intervals:
    """Return the union of stretches as sorted, disjoint intervals.

    The order of arrival and repetition do not matter: merging is commutative,
    associative and idempotent, so that a beat may be sent any number of times.
    Empty and backward stretches count as nothing.
    """
    stretches = sorted((int(s[0]), int(s[1])) for some in several for s in some)
    union: list[Interval] = []
    for start, end in stretches:
        if end <= start:
            continue
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((start, end))
    return tuple(union)


def clipped(intervals: Iterable[Sequence[int]], *, length_ms: int) -> Intervals:
    """Return the intervals cut to the recording: nothing before 0, nothing after its end."""
    return merged((max(0, s[0]), min(length_ms, s[1])) for s in intervals)


def covered_ms(intervals: Iterable[Sequence[int]]) -> int:
    """Return how much time the union of the intervals covers."""
    return sum(end - start for start, end in merged(intervals))


def missing(intervals: Iterable[Sequence[int]], *, length_ms: int) -> Intervals:
    """Return the stretches of the recording that the intervals leave out.

    Gaps shorter than a second are left out: no learner can close them on purpose.
    """
    gaps: list[Interval] = []
    at = 0
    for start, end in clipped(intervals, length_ms=length_ms):
        gaps.append((at, start))
        at = end
    gaps.append((at, length_ms))
    smallest = min(SMALLEST_GAP_MS, max(length_ms, 1))
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= smallest)


def plausible_ms(*, first_at: datetime, at: datetime, speed: int = PLAYED_SPEED) -> int:
    """Return the most that can have been covered between the first report and now.

    Played seconds never exceed twice the time since the first beat plus 30 s.
    A clock that went backward gives the grace alone.
    """
    elapsed_ms = int((at - first_at).total_seconds() * 1000)
    return speed * max(0, elapsed_ms) + GRACE_MS


def admitted(
    known: Iterable[Sequence[int]],
    reported: Iterable[Sequence[int]],
    *,
    length_ms: int,
    limit_ms: int,
) -> Intervals:
    """Return what is known afterwards: the known, and the reported as far as the limit allows.

    What is refused now is taken when it is reported again later and has become
    plausible; the browser repeats each stretch until it reads it back.
    """
    kept = clipped(known, length_ms=length_ms)
    room = limit_ms - covered_ms(kept)
    for start, end in missing_of(kept, clipped(reported, length_ms=length_ms)):
        if room <= 0:
            break
        taken = min(end - start, room)
        kept = merged(kept, [(start, start + taken)])
        room -= taken
    return kept


def missing_of(known: Intervals, wanted: Intervals) -> Intervals:
    """Return the parts of the wanted intervals that the known ones leave out."""
    out: list[Interval] = []
    for start, end in wanted:
        at = start
        for known_start, known_end in known:
            if known_end <= at or known_start >= end:
                continue
            if known_start > at:
                out.append((at, known_start))
            at = max(at, known_end)
        if at < end:
            out.append((at, end))
    return tuple(out)


def overlap_ms(intervals: Iterable[Sequence[int]], *, start_ms: int, end_ms: int) -> int:
    """Return how much of one stretch, a chapter say, the intervals cover."""
    return covered_ms((max(start_ms, s[0]), min(end_ms, s[1])) for s in intervals)


def demanded_ms(*, length_ms: int, share_percent: int) -> int:
    """Return the time that a demanded share of the recording amounts to, at most its length."""
    return min(length_ms, length_ms * share_percent // 100)
