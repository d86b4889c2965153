"""Content evidence: what was played, what was read, what was attested."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import BigAutoField, CharField

from opencme.activities.document import Recording
from opencme.core.audit import record
from opencme.core.compiled import Compiled, Given, insert, update
from opencme.core.databases.retrying import retried
from opencme.learning.choices import EvidenceKind, PathStepKind
from opencme.learning.models import ContentEvidence, Playback
from opencme.learning.queries import LearnerPath, intervals, with_state
from opencme.learning.rules import ContentRecord, PathState, is_part_met, is_unit_done
from opencme.media.rules import READ_SPEED, Intervals, admitted, covered_ms, plausible_ms

from .stepping import NoSuchStep, locked_participation, open_step

Stretches = Iterable[Sequence[int]]

PLAYED_FIELDS = ("intervals", "seconds", "position", "first_beat_at", "last_beat_at")
READ_FIELDS = ("segments", "read_seconds", "first_read_at", "last_read_at")


@retried
@transaction.atomic
def record_played(
    *,
    path: LearnerPath,
    step_key: str,
    played: Stretches,
    position_ms: int,
    at: datetime,
    door: str = "web",
) -> LearnerPath:
    """Merge the stretches that were played; order, repetition and other devices do no harm.

    Played time never exceeds twice the time since the first beat plus 30 s; what is implausible
    now is taken when it is reported again later. Returns the path as it is afterwards. Where no
    credit can arise any more nothing is kept. Raises `NoSuchStep` and `StepLocked`.
    """
    recording = open_recording(path, step_key)
    if is_review_of(path, step_key):
        return path
    row = _locked_playback(path, step_key)
    known = add_played(row, recording, played=played, position_ms=position_ms, first_at=at, at=at)
    update(row, *PLAYED_FIELDS)
    found = replace(
        path.state.part(step_key), played=known, read=intervals(row.segments), position_ms=position_ms
    )
    return _noted(path, recording=recording, found=found, kind=EvidenceKind.PLAYED, at=at, door=door)


@retried
@transaction.atomic
def record_segments_read(
    *, path: LearnerPath, step_key: str, read: Stretches, at: datetime, door: str = "web"
) -> LearnerPath:
    """Merge the stretches whose text was shown long enough to be read: an equal route.

    Text is read at most four times as fast as it is spoken, by the server's clock, plus 30 s.
    Kept apart from what was played, as evidence of its own kind.
    """
    recording = open_recording(path, step_key)
    if is_review_of(path, step_key):
        return path
    row = _locked_playback(path, step_key)
    known = add_read(row, recording, read=read, first_at=at, at=at)
    update(row, *READ_FIELDS)
    found = replace(path.state.part(step_key), read=known, played=intervals(row.intervals))
    return _noted(path, recording=recording, found=found, kind=EvidenceKind.TEXT_READ, at=at, door=door)


@retried
@transaction.atomic
def attest_content(
    *, path: LearnerPath, step_key: str, wording: str, at: datetime, door: str = "web"
) -> LearnerPath:
    """Keep the learner's word that the content was completed another way.

    An attestation that the provider accepts or reviews; `wording` is what stood beside the
    button. A second one changes nothing. Raises `NoSuchStep` and `StepLocked`.
    """
    step = open_step(path, step_key)
    if step.kind is not PathStepKind.CONTENT:
        raise NoSuchStep(step_key)
    if step.is_review:
        return path
    for key in step.parts:
        part = path.state.part(key)
        if part.attested_at is None:
            found = replace(part, attested_at=at, met_at=part.met_at or at)
            path = _kept(
                path,
                key=key,
                found=found,
                kind=EvidenceKind.ATTESTED,
                at=at,
                door=door,
                wording=wording,
            )
    return path


def add_played(
    row: Playback,
    recording: Recording,
    *,
    played: Stretches,
    position_ms: int,
    first_at: datetime,
    at: datetime,
) -> Intervals:
    """Merge what was reported between `first_at` and `at` into a row that the caller saves.

    Returns what is counted afterwards; the first report ever starts the clock of what is plausible.
    """
    first = row.first_beat_at or first_at
    length = recording.seconds * 1000
    known = admitted(
        intervals(row.intervals),
        played,
        length_ms=length,
        limit_ms=plausible_ms(first_at=first, at=at),
    )
    row.intervals = [list(one) for one in known]
    row.seconds = covered_ms(known) // 1000
    row.position = min(max(position_ms, 0), length) / 1000
    row.first_beat_at, row.last_beat_at = first, at
    return known


def add_read(
    row: Playback, recording: Recording, *, read: Stretches, first_at: datetime, at: datetime
) -> Intervals:
    """The same for what was read."""
    first = row.first_read_at or first_at
    known = admitted(
        intervals(row.segments),
        read,
        length_ms=recording.seconds * 1000,
        limit_ms=plausible_ms(first_at=first, at=at, speed=READ_SPEED),
    )
    row.segments = [list(one) for one in known]
    row.read_seconds = covered_ms(known) // 1000
    row.first_read_at, row.last_read_at = first, at
    return known


def open_recording(path: LearnerPath, key: str) -> Recording:
    """The recording; raises `NoSuchStep` and `StepLocked`."""
    open_step(path, key)
    part = path.document.step_of.get(key)
    if not isinstance(part, Recording):
        raise NoSuchStep(key)
    return part


def is_review_of(path: LearnerPath, key: str) -> bool:
    """Whether this visit counts for nothing any more."""
    return open_step(path, key).is_review


_EVIDENCE = Compiled(
    lambda: ContentEvidence.objects.filter(
        participation=Given("participation", BigAutoField()),
        step_key=Given("step_key", CharField()),
        kind=Given("kind", CharField()),
    ).only("pk")
)
LOCKED_PLAYBACK = Compiled(
    lambda: Playback.objects.select_for_update().filter(
        participation=Given("participation", BigAutoField()), step_key=Given("step_key", CharField())
    )
)


def _locked_playback(path: LearnerPath, key: str) -> Playback:
    row = LOCKED_PLAYBACK.one(participation=path.participation.pk, step_key=key)
    if row is None:
        row, _ = Playback.objects.select_for_update().get_or_create(
            participation=path.participation, step_key=key
        )
    return row


def _noted(
    path: LearnerPath,
    *,
    recording: Recording,
    found: ContentRecord,
    kind: EvidenceKind,
    at: datetime,
    door: str,
) -> LearnerPath:
    """The path with the new record; evidence is written when the recording first needs no more."""
    unit = path.document.unit_of[recording.key]
    if found.met_at is None and is_part_met(unit, recording, found):
        found = replace(found, met_at=at)
        return _kept(path, key=recording.key, found=found, kind=kind, at=at, door=door)
    return with_state(path, _with_part(path.state, recording.key, found))


def _kept(
    path: LearnerPath,
    *,
    key: str,
    found: ContentRecord,
    kind: EvidenceKind,
    at: datetime,
    door: str,
    wording: str = "",
) -> LearnerPath:
    participation = locked_participation(path.participation.uuid)
    after = with_state(path, _with_part(path.state, key, found))
    if _EVIDENCE.one(participation=participation.pk, step_key=key, kind=kind):
        return after
    insert(ContentEvidence(participation=participation, step_key=key, kind=kind, at=at, wording=wording))
    unit = path.document.unit_of[key]
    if not is_unit_done(path.document, unit, path.state) and is_unit_done(path.document, unit, after.state):
        participation.completed_at = at
        update(participation, "completed_at")
    record(
        participation,
        "content_met",
        at=at,
        by=participation.learner.uuid,
        door=door,
        step=key,
        kind=kind,
        revision=participation.revision.sha256,
    )
    return after


def _with_part(state: PathState, key: str, found: ContentRecord) -> PathState:
    return replace(state, content={**state.content, key: found})
