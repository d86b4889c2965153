"""Reads of learning: a participation with its path, and what a learner has still to finish."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from opencme.activities.document import ActivityDocument, Dates, PostTest, PreTest
from opencme.activities.models import Activity
from opencme.activities.queries import dates_in_force, document_of, stripped_document_of
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
    demands_pre_test,
    path_steps,
    step_holding,
    window_of,
)

Row = TypeVar("Row", Attempt, AttemptGrant, Playback, ContentEvidence)

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


def participations_of(user: User) -> QuerySet[Participation]:
    """The participations of a person, with activity, provider and revision (without its text)."""
    return (
        Participation.objects.filter(belongs_to(user))
        .select_related("activity", "provider", "revision")
        .defer(*_HEAVY)
    )


def participation_of(user: User, uuid: UUID) -> Participation:
    """One participation of this person.

    Raises `Participation.DoesNotExist` also where it is somebody else's.
    """
    return participations_of(user).get(uuid=uuid)


def participation_in(user: User, activity: Activity) -> Participation | None:
    """The person's participation that counts in an activity: the newest one not superseded."""
    return (
        participations_of(user)
        .filter(activity=activity, is_preview=False, superseded_by=None)
        .order_by("-started_at", "-pk")
        .first()
    )


def path_of(
    participation: Participation, *, at: datetime, claimed: frozenset[str] = frozenset()
) -> LearnerPath:
    """The path of one participation. `claimed` are the units whose credit has been claimed."""
    document = document_of(participation.revision)
    attempts = tuple(Attempt.objects.filter(participation=participation).order_by("step_key", "number"))
    rows = _Rows.of([participation], {participation.pk: document}, attempts)
    return _path(participation, rows, attempts, at, claimed)


def with_state(path: LearnerPath, state: PathState) -> LearnerPath:
    """The same path after something has happened, without reading again."""
    steps = path_steps(path.document, state, path.window, on=path.on)
    return replace(path, state=state, steps=steps)


def paths_of(
    participations: Iterable[Participation],
    *,
    at: datetime,
    claimed: Mapping[int, frozenset[str]] | None = None,
) -> tuple[LearnerPath, ...]:
    """The paths of several participations, in as many queries as for one."""
    rows_of = list(participations)
    documents = {one.pk: document_of(one.revision) for one in rows_of}
    attempts = tuple(
        Attempt.objects.filter(participation__in=rows_of)
        .defer("form", "answers")
        .order_by("step_key", "number")
    )
    rows = _Rows.of(rows_of, documents, attempts)
    return tuple(
        _path(
            one,
            rows,
            tuple(attempt for attempt in attempts if attempt.participation_id == one.pk),
            at,
            (claimed or {}).get(one.pk, frozenset()),
        )
        for one in rows_of
    )


def to_finish(
    user: User, *, at: datetime, claimed: Mapping[int, frozenset[str]] | None = None
) -> tuple[LearnerPath, ...]:
    """What the learner has begun and can still bring to credit, newest first.

    `claimed` maps participations to the units claimed; what is wholly claimed, closed or
    withdrawn has nothing left to do and is left out, and so is what earns nothing.
    """
    begun = participations_of(user).filter(is_preview=False, superseded_by=None)
    paths = paths_of(begun.order_by("-started_at"), at=at, claimed=claimed)
    return tuple(path for path in paths if path.document.certified and path.current is not None)


def newest_plan(participation: Participation) -> Plan | None:
    """The plan that counts."""
    return participation.plans.order_by("-kept_at", "-pk").first()


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


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is stored of several participations, by participation."""

    attempts: Mapping[int, Sequence[Attempt]]
    grants: Mapping[int, Sequence[AttemptGrant]]
    playbacks: Mapping[int, Sequence[Playback]]
    evidence: Mapping[int, Sequence[ContentEvidence]]

    @classmethod
    def of(
        cls,
        participations: Sequence[Participation],
        documents: Mapping[int, ActivityDocument],
        attempts: Sequence[Attempt],
    ) -> _Rows:
        """Read only what can matter: no grant before the limit, no content before its pre-test."""
        submitted = {one.participation_id for one in attempts if one.submitted_at}
        limited = [one for one in participations if _is_at_limit(documents[one.pk], one, attempts)]
        begun = [
            one for one in participations if one.pk in submitted or not _opens_with_test(documents[one.pk])
        ]
        return cls(
            attempts=_grouped(attempts),
            grants=_grouped(AttemptGrant.objects.filter(participation__in=limited)) if limited else {},
            playbacks=_grouped(Playback.objects.filter(participation__in=begun)) if begun else {},
            evidence=_grouped(ContentEvidence.objects.filter(participation__in=begun)) if begun else {},
        )


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.participation_id].append(row)
    return groups


def _is_at_limit(
    document: ActivityDocument, participation: Participation, attempts: Sequence[Attempt]
) -> bool:
    """Whether some test was submitted as often as it may be, so that a grant would count."""
    made = Counter(
        one.step_key for one in attempts if one.participation_id == participation.pk and one.submitted_at
    )
    tests = (unit.post_test for unit in document.units)
    return any(test.attempts is not None and made[test.key] >= test.attempts for test in tests if test)


def _opens_with_test(document: ActivityDocument) -> bool:
    return demands_pre_test(document) and all(unit.pre_test for unit in document.units)


def _path(
    participation: Participation,
    rows: _Rows,
    attempts: tuple[Attempt, ...],
    at: datetime,
    claimed: frozenset[str],
) -> LearnerPath:
    document = document_of(participation.revision)
    state = _state(participation, document, rows, claimed)
    window = window_for(participation)
    on = day_in(participation.provider.time_zone, at)
    steps = path_steps(document, state, window, on=on)
    stripped = stripped_document_of(participation.revision)
    return LearnerPath(participation, document, stripped, state, window, steps, on, attempts)


def _state(
    participation: Participation, document: ActivityDocument, rows: _Rows, claimed: frozenset[str]
) -> PathState:
    pk = participation.pk
    attempts, grants = rows.attempts.get(pk, ()), rows.grants.get(pk, ())
    tests = [step for step in document.steps if isinstance(step, PreTest | PostTest)]
    return PathState(
        started_at=participation.started_at,
        tests={
            test.key: _test_record(
                [one for one in attempts if one.step_key == test.key],
                sum(one.extra for one in grants if one.step_key == test.key),
            )
            for test in tests
        },
        content=_content_records(rows.playbacks.get(pk, ()), rows.evidence.get(pk, ())),
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
