"""What was played and read, merged in memory and written every few seconds.

For one process that serves alone: five thousand viewers report every ten seconds, and a commit for
each report would leave the disk no time for answers. What waits here is not confirmed to the
browser, which sends it again until it is: a server that dies loses nothing but time. Whatever could
depend on it (a page of the path, a submit, a claim) has it written first, and so has a report that
meets what is demanded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField, CharField

from opencme.activities.document import Recording
from opencme.core.compiled import Compiled, Given, insert, update
from opencme.learning.models import Playback
from opencme.learning.queries import LearnerPath, with_state
from opencme.learning.rules import ContentRecord, is_part_met
from opencme.media.rules import Intervals, merged

from .content import (
    LOCKED_PLAYBACK,
    PLAYED_FIELDS,
    READ_FIELDS,
    Stretches,
    add_played,
    add_read,
    is_review_of,
    open_recording,
    record_played,
    record_segments_read,
)

logger = logging.getLogger(__name__)

MOST_VIEWINGS = 50_000
ROWS_AT_ONCE = 200
"""Rows of one transaction: others want to write too."""
FORGOTTEN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """Stretches that were reported between two instants."""

    stretches: Intervals
    first_at: datetime
    last_at: datetime

    @classmethod
    def together(cls, *reports: Report | None) -> Report | None:
        """Several reports as one."""
        given = [report for report in reports if report]
        if not given:
            return None
        return cls(
            merged(*(report.stretches for report in given)),
            min(report.first_at for report in given),
            max(report.last_at for report in given),
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one viewing is not written yet."""

    played: Report | None = None
    read: Report | None = None
    position_ms: int = 0

    def with_later(self, later: Waiting) -> Waiting:
        """With what came after it."""
        return Waiting(
            Report.together(self.played, later.played),
            Report.together(self.read, later.read),
            later.position_ms if later.played else self.position_ms,
        )

    @property
    def last_at(self) -> datetime:
        """When something was reported last."""
        return max(report.last_at for report in (self.played, self.read) if report)


@dataclass(frozen=True, slots=True)
class Reported:
    """The path with what was reported, and what of its recording is written."""

    path: LearnerPath
    written: ContentRecord


class Viewing:
    """One learner at one recording: the row as it was written last, and what waits."""

    __slots__ = ("being_written", "last_at", "recording", "row", "waiting")

    def __init__(self, row: Playback, recording: Recording, at: datetime) -> None:
        self.row = row
        self.recording = recording
        self.waiting: Waiting | None = None
        self.being_written: Waiting | None = None
        self.last_at = at

    def add(self, waiting: Waiting) -> None:
        self.waiting = self.waiting.with_later(waiting) if self.waiting else waiting
        self.last_at = max(self.last_at, self.waiting.last_at)

    def counted(self) -> tuple[Intervals, Intervals]:
        """What would count were it written now: played, read."""
        row = self.row
        for waiting in (self.being_written, self.waiting):
            if waiting:
                row = with_waiting(row, waiting, self.recording)
        return merged(row.intervals), merged(row.segments)


class Taken:
    """What is being written of a viewing."""

    __slots__ = ("viewing", "waiting", "written")

    def __init__(self, viewing: Viewing, waiting: Waiting) -> None:
        self.viewing = viewing
        self.waiting = waiting
        self.written: Playback | None = None

    def put_back(self) -> None:
        """Remember the row that was written; what was not goes on waiting."""
        self.viewing.being_written = None
        if self.written is not None:
            self.viewing.row = self.written
        elif self.viewing.waiting:
            self.viewing.waiting = self.waiting.with_later(self.viewing.waiting)
        else:
            self.viewing.waiting = self.waiting


def with_waiting(row: Playback, waiting: Waiting, recording: Recording) -> Playback:
    """A new row with what waited; `row` stays as it is."""
    names = ("participation_id", "step_key", *PLAYED_FIELDS, *READ_FIELDS)
    after = Playback(**{name: getattr(row, name) for name in names})
    if played := waiting.played:
        add_played(
            after,
            recording,
            played=played.stretches,
            position_ms=waiting.position_ms,
            first_at=played.first_at,
            at=played.last_at,
        )
    if read := waiting.read:
        add_read(after, recording, read=read.stretches, first_at=read.first_at, at=read.last_at)
    return after


_STORED = Compiled(
    lambda: Playback.objects.filter(
        participation=Given("participation", BigAutoField()), step_key=Given("step_key", CharField())
    )
)


class Beats:
    """All viewings of a process."""

    def __init__(self) -> None:
        self._viewings: dict[UUID, dict[str, Viewing]] = {}
        self._lock = Lock()
        self._writing = Lock()

    def report_played(
        self,
        *,
        path: LearnerPath,
        step_key: str,
        played: Stretches,
        position_ms: int,
        at: datetime,
        at_once: bool = False,
    ) -> Reported:
        """Merge what was played; `at_once` writes it. Raises what `record_played` raises."""
        waiting = Waiting(played=Report(merged(played), at, at), position_ms=position_ms)
        reported = None if at_once else self._report(path, step_key, waiting)
        if reported is not None:
            return reported
        self._settle(path.participation.uuid)
        after = record_played(path=path, step_key=step_key, played=played, position_ms=position_ms, at=at)
        return Reported(after, after.state.part(step_key))

    def report_read(
        self, *, path: LearnerPath, step_key: str, read: Stretches, at: datetime, at_once: bool = False
    ) -> Reported:
        """Merge what was read; `at_once` writes it. Raises what `record_segments_read` raises."""
        waiting = Waiting(read=Report(merged(read), at, at))
        reported = None if at_once else self._report(path, step_key, waiting)
        if reported is not None:
            return reported
        self._settle(path.participation.uuid)
        after = record_segments_read(path=path, step_key=step_key, read=read, at=at)
        return Reported(after, after.state.part(step_key))

    def write(self) -> int:
        """Write all that waits; how many rows. What cannot be written goes on waiting, the error travels."""
        with self._writing:
            written = self._write(self._take(list(self._viewings)))
            self._forget_old()
        return written

    def write_of(self, participation: UUID) -> None:
        """Write what waits of one participation, before something that depends on it is read."""
        viewings = self._viewings.get(participation)
        if viewings and any(one.waiting or one.being_written for one in list(viewings.values())):
            with self._writing:
                self._write(self._take([participation]))

    def forget(self) -> None:
        """Drop what waits; its browsers send it again."""
        with self._lock:
            self._viewings = {}

    # --- taking in --------------------------------------------------------------------------------

    def _report(self, path: LearnerPath, step_key: str, waiting: Waiting) -> Reported | None:
        """None where it must be written at once."""
        recording = open_recording(path, step_key)
        if is_review_of(path, step_key):
            return Reported(path, path.state.part(step_key))
        if len(self._viewings) >= MOST_VIEWINGS:
            return None
        fresh = self._begun(path, recording, waiting)
        with self._lock:
            viewings = self._viewings.setdefault(path.participation.uuid, {})
            viewing = viewings.get(step_key) or fresh
            if viewing is None:
                return None  # forgotten a moment ago
            viewings[step_key] = viewing
            viewing.add(waiting)
            played, read = viewing.counted()
        known = path.state.part(step_key)
        position = waiting.position_ms if waiting.played else known.position_ms
        found = replace(known, played=played, read=read, position_ms=position)
        if found.met_at is None and is_part_met(path.document.unit_of[step_key], recording, found):
            return None
        content = {**path.state.content, step_key: found}
        return Reported(with_state(path, replace(path.state, content=content)), known)

    def _begun(self, path: LearnerPath, recording: Recording, waiting: Waiting) -> Viewing | None:
        """A viewing with the row as it is stored; None where there is one already."""
        if recording.key in self._viewings.get(path.participation.uuid, {}):
            return None
        participation = path.participation.pk
        row = _STORED.one(participation=participation, step_key=recording.key)
        row = row or Playback(participation_id=participation, step_key=recording.key)
        return Viewing(row, recording, waiting.last_at)

    def _settle(self, participation: UUID) -> None:
        """Write what waits and begin anew: the rows are about to be written beside us."""
        self.write_of(participation)
        with self._lock:
            viewings = self._viewings.get(participation, {})
            if not any(one.waiting for one in viewings.values()):
                self._viewings.pop(participation, None)

    # --- writing: one thread at a time ------------------------------------------------------------

    def _take(self, participations: Iterable[UUID]) -> list[Taken]:
        with self._lock:
            groups = [self._viewings.get(one, {}) for one in participations]
            taken = [
                Taken(viewing, viewing.waiting)
                for viewings in groups
                for viewing in viewings.values()
                if viewing.waiting
            ]
            for one in taken:
                one.viewing.being_written, one.viewing.waiting = one.waiting, None
        return taken

    def _write(self, taken: list[Taken]) -> int:
        try:
            for start in range(0, len(taken), ROWS_AT_ONCE):
                self._write_some(taken[start : start + ROWS_AT_ONCE])
        finally:
            with self._lock:
                for one in taken:
                    one.put_back()
        return len(taken)

    def _write_some(self, taken: list[Taken]) -> None:
        try:
            rows = write_rows(taken)
        except IntegrityError:
            for one in taken:
                self._write_alone(one)
        else:
            for one, row in zip(taken, rows, strict=True):
                one.written = row

    def _write_alone(self, one: Taken) -> None:
        try:
            (one.written,) = write_rows([one])
        except IntegrityError:  # its participation was removed meanwhile
            logger.warning(
                "Participation %s is gone, and so is what was played", one.viewing.row.participation_id
            )
            one.written = one.viewing.row

    def _forget_old(self) -> None:
        """Forget who reports no more, by the clock of those who do."""
        with self._lock:
            everybody = [one for viewings in self._viewings.values() for one in viewings.values()]
            if not everybody:
                return
            since = max(one.last_at for one in everybody) - FORGOTTEN_AFTER
            self._viewings = {
                participation: viewings
                for participation, viewings in self._viewings.items()
                if any(one.waiting or one.last_at >= since for one in viewings.values())
            }


@transaction.atomic
def write_rows(taken: list[Taken]) -> list[Playback]:
    """Merge what waited into the rows as they are stored now, in two statements."""
    if len(taken) == 1:
        return [_write_row(taken[0])]
    participations = {one.viewing.row.participation_id for one in taken}
    stored = {
        (row.participation_id, row.step_key): row
        for row in Playback.objects.select_for_update()
        .filter(participation__in=participations)
        .order_by("pk")
    }
    rows = []
    for one in taken:
        before = one.viewing.row
        before = stored.get((before.participation_id, before.step_key), before)
        rows.append(with_waiting(before, one.waiting, one.viewing.recording))
    Playback.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("participation", "step_key"),
        update_fields=(*PLAYED_FIELDS, *READ_FIELDS),
    )
    return rows


def _write_row(one: Taken) -> Playback:
    """The same for a single row, as before a page of its learner: nothing has to be put together."""
    before = one.viewing.row
    stored = LOCKED_PLAYBACK.one(participation=before.participation_id, step_key=before.step_key)
    row = with_waiting(stored or before, one.waiting, one.viewing.recording)
    if stored is None:
        return insert(row)
    row.pk = stored.pk
    update(row, *PLAYED_FIELDS, *READ_FIELDS)
    return row


unwritten_beats = Beats()
"""Those of this process."""
