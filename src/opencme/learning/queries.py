"""Reads of learning: a participation with its path, and what a learner has still to finish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BigAutoField, F, QuerySet, UUIDField

from opencme.activities.document import ActivityDocument, Dates, PostTest, PreTest
from opencme.activities.queries import dates_in_force, document_of, stripped_document_of
from opencme.core.beside import beside
from opencme.core.compiled import Compiled, Given
from opencme.media.rules import Intervals, merged
from opencme.people.models import User
from opencme.people.queries import belongs_to

from .choices import EvidenceKind
from .models import Attempt, AttemptGrant, ContentEvidence, Participation, Plan, Playback
from .rules import (
    CLAIM_DAYS,
    ContentRecord,
    PathState,
    PathStep,
    TestRecord,
    Window,
    current_step,
    path_steps,
    step_holding,
    window_of,
)

_HEAVY = ("revision__canonical", "revision__snapshot")
"""Texts that a page does not need: the document is parsed once per process, by its digest."""


@dataclass(frozen=True, slots=True)
class LearnerPath:
    """A participation with everything that the pages of its path need, read in few queries."""

    participation: Participation
    document: ActivityDocument
    stripped: ActivityDocument
    state: PathState
    window: Window
    steps: tuple[PathStep, ...]
    on: date
    attempts: tuple[Attempt, ...]

    @property
    def current(self) -> PathStep | None:
        """The next thing to do, if anything is."""
        return current_step(self.steps)

    def step(self, key: str) -> PathStep | None:
        """The stop that has or holds `key`."""
        return step_holding(self.steps, key)

    def attempts_at(self, key: str) -> tuple[Attempt, ...]:
        """The attempts at one test, first to last."""
        return tuple(attempt for attempt in self.attempts if attempt.step_key == key)

    def open_attempt(self, key: str) -> Attempt | None:
        """The attempt that has begun and was not submitted."""
        return next((one for one in self.attempts_at(key) if one.submitted_at is None), None)

    def last_submitted(self, key: str) -> Attempt | None:
        """The attempt whose result is shown."""
        done = [one for one in self.attempts_at(key) if one.submitted_at is not None]
        return done[-1] if done else None


def day_in(zone: str, at: datetime) -> date:
    """The local date of an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def participations_of(user: User | Given) -> QuerySet[Participation]:
    """The participations of a person, with activity, provider and revision (without its text)."""
    return (
        Participation.objects.filter(belongs_to(user))
        .select_related("activity", "provider", "revision")
        .defer(*_HEAVY)
    )


def with_evidence(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Participations with everything that their paths rest on, read in the same statement."""
    return rows.annotate(
        attempts_made=beside(Attempt.objects.all(), "participation"),
        attempts_granted=beside(AttemptGrant.objects.all(), "participation", only=("step_key", "extra")),
        recordings_played=beside(Playback.objects.all(), "participation"),
        evidence_given=beside(
            ContentEvidence.objects.all(), "participation", only=("step_key", "kind", "at")
        ),
    )


def counting(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Those of a person's rows that count: no previews, none that another one has superseded.

    Not said as `superseded_by=None`: SQLite would begin with the rows of everybody for whom that holds.
    """
    return rows.filter(is_preview=False).exclude(superseded_by__isnull=False)


def in_activity(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Those of a person's rows that are in the activity given as `activity`.

    Said so that no index of activities fits: one with five thousand participations is not looked
    through for the one of this person.
    """
    given = Given("activity", BigAutoField())
    return rows.alias(its_activity=F("activity_id") + 0).filter(its_activity=given)


_LEARNER, _UUID, _KEY = (
    Given("learner", BigAutoField()),
    Given("uuid", UUIDField()),
    Given("pk", BigAutoField()),
)
_OWN = Compiled(lambda: participations_of(_LEARNER).filter(uuid=_UUID))
_EVIDENCE = Compiled(lambda: with_evidence(Participation.objects.filter(pk=_KEY).only("pk")))
_BEGUN = Compiled(lambda: counting(with_evidence(participations_of(_LEARNER))).order_by("-started_at"))


def participation_of(user: User, uuid: UUID) -> Participation:
    """One participation of this person.

    Raises `Participation.DoesNotExist` also where it is somebody else's.
    """
    found = _OWN.one(learner=user.pk, uuid=uuid)
    if found is None:
        raise Participation.DoesNotExist
    return found


def path_of(
    participation: Participation, *, at: datetime, claimed: frozenset[str] = frozenset()
) -> LearnerPath:
    """The path of one participation as its evidence is now. `claimed`: the units whose credit is claimed."""
    (found,) = _EVIDENCE(pk=participation.pk)
    return path_from(participation, found, at=at, claimed=claimed)


def path_from(
    participation: Participation, read: Any, *, at: datetime, claimed: frozenset[str] = frozenset()
) -> LearnerPath:
    """The path of a participation, where `read` is its row out of `with_evidence`."""
    document = document_of(participation.revision)
    attempts = tuple(sorted(read.attempts_made, key=lambda one: (one.step_key, one.number)))
    state = _state(participation, document, read, attempts, claimed)
    window = window_for(participation)
    on = day_in(participation.provider.time_zone, at)
    steps = path_steps(document, state, window, on=on)
    stripped = stripped_document_of(participation.revision)
    return LearnerPath(participation, document, stripped, state, window, steps, on, attempts)


def with_state(path: LearnerPath, state: PathState) -> LearnerPath:
    """The same path after something has happened, without reading again."""
    steps = path_steps(path.document, state, path.window, on=path.on)
    return replace(path, state=state, steps=steps)


def to_finish(
    user: User, *, at: datetime, claimed: Mapping[int, frozenset[str]] | None = None
) -> tuple[LearnerPath, ...]:
    """What the learner has begun and can still bring to credit, newest first.

    `claimed` maps participations to the units claimed; what is wholly claimed, closed or
    withdrawn has nothing left to do and is left out, and so is what earns nothing.
    """
    known = claimed or {}
    begun = _BEGUN(learner=user.pk)
    paths = [path_from(one, one, at=at, claimed=known.get(one.pk, frozenset())) for one in begun]
    return tuple(path for path in paths if path.document.certified and path.current is not None)


_NEWEST_PLAN = Compiled(lambda: Plan.objects.filter(participation=_KEY).order_by("-kept_at", "-pk")[:1])


def newest_plan(participation: Participation) -> Plan | None:
    """The plan that counts."""
    return _NEWEST_PLAN.one(pk=participation.pk)


def window_for(participation: Participation) -> Window:
    """Until when this participation may be completed and claimed."""
    activity = participation.activity
    current = dates_in_force(activity)
    own = document_of(participation.revision).dates
    return window_of(
        own,
        current,
        is_withdrawn=activity.is_withdrawn,
        window_days=_claim_days(participation, own, current),
    )


def _claim_days(participation: Participation, own: Dates, current: Dates) -> int:
    """The provider's days to claim, looked up only where a document does not state the date."""
    if own.evaluate_and_claim_until and current.evaluate_and_claim_until:
        return CLAIM_DAYS
    return participation.provider.record.claim_window_days


# --- putting rows together ------------------------------------------------------------------------


def _state(
    participation: Participation,
    document: ActivityDocument,
    read: Any,
    attempts: Sequence[Attempt],
    claimed: frozenset[str],
) -> PathState:
    tests = [step for step in document.steps if isinstance(step, PreTest | PostTest)]
    return PathState(
        started_at=participation.started_at,
        tests={
            test.key: _test_record(
                [one for one in attempts if one.step_key == test.key],
                sum(one.extra for one in read.attempts_granted if one.step_key == test.key),
            )
            for test in tests
        },
        content=_content_records(read.recordings_played, read.evidence_given),
        evaluated_at=participation.evaluated_at,
        is_preview=participation.is_preview,
        is_superseded=participation.superseded_by_id is not None,
        claimed=claimed,
    )


def _test_record(attempts: Sequence[Attempt], granted: int) -> TestRecord:
    submitted = [one for one in attempts if one.submitted_at is not None]
    passed = next((one for one in submitted if one.passed), None)
    shown = passed or (submitted[-1] if submitted else None)
    return TestRecord(
        submitted=len(submitted),
        granted=granted,
        passed=passed is not None,
        submitted_at=submitted[-1].submitted_at if submitted else None,
        passed_at=passed.submitted_at if passed else None,
        right=shown.score if shown else None,
        of=shown.items if shown else None,
        in_progress=len(submitted) < len(attempts),
    )


def _content_records(
    playbacks: Iterable[Playback], evidence: Iterable[ContentEvidence]
) -> dict[str, ContentRecord]:
    records: dict[str, ContentRecord] = {}
    for row in playbacks:
        records[row.step_key] = ContentRecord(
            played=intervals(row.intervals),
            read=intervals(row.segments),
            position_ms=int(row.position * 1000),
        )
    for found in sorted(evidence, key=lambda one: one.at):
        known = records.get(found.step_key, ContentRecord())
        records[found.step_key] = _with_evidence(known, found)
    return records


def _with_evidence(record: ContentRecord, found: ContentEvidence) -> ContentRecord:
    known = replace(record, met_at=record.met_at or found.at)
    if found.kind == EvidenceKind.ATTESTED:
        return replace(known, attested_at=found.at)
    if found.kind in (EvidenceKind.GRANTED, EvidenceKind.GROUP_SESSION):
        return replace(known, granted_at=found.at)
    return known


def intervals(stored: Iterable[Sequence[int]]) -> Intervals:
    """The stored JSON as intervals."""
    return merged(stored)
