"""Tests: beginning an attempt, saving answers, submitting, and granting one more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField, CharField, Q, QuerySet, UUIDField

from opencme.activities.document import ActivityDocument, Item, PostTest, PreTest
from opencme.activities.queries import document_of
from opencme.assessment.rules import (
    Answers,
    attempts_left,
    is_well_formed,
    laid_out,
    score,
    unanswered,
)
from opencme.core.audit import record
from opencme.core.compiled import Compiled, Given, insert, update
from opencme.core.databases.retrying import retried
from opencme.core.ids import uuid7
from opencme.core.verdicts import Verdict
from opencme.learning.choices import LockCode, StepState
from opencme.learning.models import Attempt, AttemptGrant, Participation
from opencme.learning.queries import LearnerPath, day_in, window_for
from opencme.learning.rules import Choice, Lock, chosen_at, later_choice
from opencme.people.models import User

from .stepping import NoSuchStep, StepLocked, locked_participation, open_step

_SAVE_READS = (
    "uuid",
    "step_key",
    "form",
    "answers",
    "submitted_at",
    "participation__superseded_by",
    "participation__activity__start_until",
    "participation__activity__complete_until",
    "participation__activity__evaluate_and_claim_until",
    "participation__activity__withdrawn_at",
    "participation__provider__time_zone",
    "participation__revision__sha256",
)
"""A save is the most frequent write: it reads what it needs and no more."""


def _to_save() -> QuerySet[Attempt]:
    """The attempt of the person, also under an account that was merged into theirs; locked."""
    learner = Given("learner", BigAutoField())
    return (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("participation__activity", "participation__provider", "participation__revision")
        .only(*_SAVE_READS)
        .filter(
            Q(participation__learner=learner) | Q(participation__learner__merged_into=learner),
            uuid=Given("uuid", UUIDField()),
            step_key=Given("step_key", CharField()),
            participation__uuid=Given("participation", UUIDField()),
        )
    )


_TO_SAVE = Compiled(_to_save)
_ALL_MADE = Compiled(
    lambda: Attempt.objects.select_for_update().filter(participation=Given("participation", BigAutoField()))
)


class AttemptAlreadySubmitted(Exception):
    """The test has been submitted; answers given afterwards are not counted."""


class AnswerNotAllowed(Exception):
    """The item does not take this answer; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


class AnswersMissing(Exception):
    """Some items have no answer yet; what was given is saved. `keys` are in the page's order."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(", ".join(keys))
        self.keys = keys


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What is kept of an item after a save: perhaps a later choice than the one sent."""

    item: str
    value: tuple[str, ...]
    n: int
    saved_at: datetime


@retried
def begin_attempt(*, path: LearnerPath, step_key: str, at: datetime) -> Attempt:
    """The attempt in progress at a test, or a new one with its order fixed.

    An attempt that was only begun costs nothing: those submitted count. Raises `StepLocked` where
    the gate is closed, `AttemptAlreadySubmitted` where the test is done.
    """
    step = open_step(path, step_key)
    if step.state is StepState.DONE:
        raise AttemptAlreadySubmitted
    begun = path.open_attempt(step_key)
    if begun:
        return begun
    test = test_of(path.document, step_key)
    items = items_of(path.document, test)
    uuid = uuid7()
    layout = laid_out(items, shuffle_items=test.shuffle_items, seed=str(uuid))
    number = len(path.attempts_at(step_key)) + 1
    try:
        with transaction.atomic():
            return insert(
                Attempt(
                    uuid=uuid,
                    participation=path.participation,
                    step_key=step_key,
                    number=number,
                    form={
                        "items": list(layout.items),
                        "options": {key: list(order) for key, order in layout.options.items()},
                    },
                    items=len(items),
                    started_at=at,
                )
            )
    except IntegrityError:  # begun in another window a moment ago
        return Attempt.objects.get(participation=path.participation, step_key=step_key, number=number)


@retried
@transaction.atomic
def save_answer(
    *,
    learner: User,
    participation: UUID,
    step_key: str,
    attempt: UUID,
    item: str,
    value: Iterable[str],
    n: int,
    age_ms: int,
    at: datetime,
) -> SavedAnswer:
    """Keep one answer of an attempt; the later choice counts, whichever device sends first.

    Raises `Attempt.DoesNotExist` where it is not the learner's, `AttemptAlreadySubmitted`,
    `StepLocked` once the window has closed, and `AnswerNotAllowed` for an answer that the item
    does not take.
    """
    row = _TO_SAVE.one(learner=learner.pk, uuid=attempt, step_key=step_key, participation=participation)
    if row is None:
        raise Attempt.DoesNotExist
    if row.submitted_at is not None:
        raise AttemptAlreadySubmitted
    check_still_open(row.participation, at)
    document = document_of(row.participation.revision)
    chosen = tuple(value)
    _check_answer(document, row, item, chosen)
    sent = Choice(chosen, n, chosen_at(at=at, age_ms=age_ms))
    kept = later_choice(_kept(row, item), sent)
    if kept is sent:
        row.answers[item] = _as_json(sent)
        update(row, "answers")
    return SavedAnswer(item, kept.value, kept.n, at)


@retried
def submit_attempt(
    *,
    participation: Participation,
    attempt: UUID,
    answers: Mapping[str, Iterable[str]],
    at: datetime,
    door: str = "web",
) -> Attempt:
    """Hand in a test; the server scores it. Submitting the same again gives the first result.

    `answers` are those of the page that is submitted, and count for the items that they name.
    Raises `Attempt.DoesNotExist`, `AttemptAlreadySubmitted` where it was handed in with other
    answers, `StepLocked` where the window has closed or no attempt is left, `AnswerNotAllowed`,
    and `AnswersMissing` after having saved what was given.
    """
    with transaction.atomic():
        row, missing = _submit(participation.uuid, attempt, answers, at, door)
    if missing:
        raise AnswersMissing(missing)
    return row


def _submit(
    participation: UUID,
    uuid: UUID,
    answers: Mapping[str, Iterable[str]],
    at: datetime,
    door: str,
) -> tuple[Attempt, tuple[str, ...]]:
    locked = locked_participation(participation)
    attempts = _ALL_MADE(participation=locked.pk)
    row = next((one for one in attempts if one.uuid == uuid), None)
    if row is None:
        raise Attempt.DoesNotExist
    if row.submitted_at is not None:
        return _replayed(row, answers), ()
    check_still_open(locked, at)
    document = document_of(locked.revision)
    test = test_of(document, row.step_key)
    _check_attempts_left(locked, test, [one for one in attempts if one.step_key == row.step_key])
    _take_over(document, row, answers, at)
    items = items_of(document, test)
    by_key = {item.key: item for item in items}
    missing = unanswered([by_key[key] for key in row.form["items"]], answers_of(row))
    if missing:
        update(row, "answers")
        return row, missing
    _score(participation=locked, row=row, test=test, items=items, at=at, door=door)
    return row, ()


def _replayed(row: Attempt, answers: Mapping[str, Iterable[str]]) -> Attempt:
    """The first result; other content under the same key is no replay."""
    first = answers_of(row)
    if any(first.get(key) != frozenset(value) for key, value in answers.items()):
        raise AttemptAlreadySubmitted
    return row


def _score(
    *,
    participation: Participation,
    row: Attempt,
    test: PreTest | PostTest,
    items: tuple[Item, ...],
    at: datetime,
    door: str,
) -> None:
    graded = isinstance(test, PostTest)
    pass_mark = test.pass_mark if isinstance(test, PostTest) else None
    result = score(items, answers_of(row), pass_mark=pass_mark)
    row.submitted_at = at
    row.score = result.right
    row.passed = result.passed if graded else None
    update(row, "answers", "submitted_at", "score", "passed")
    if row.passed:
        # Content and pre-test opened this test, so passing it is the last requirement of its unit.
        participation.completed_at = at
        update(participation, "completed_at")
    record(
        participation,
        "test_submitted",
        at=at,
        by=participation.learner.uuid,
        door=door,
        step=row.step_key,
        attempt=row.uuid,
        number=row.number,
        score=result.right,
        items=result.of,
        passed=row.passed,
        revision=participation.revision.sha256,
    )


@transaction.atomic
def grant_attempt(
    *,
    participation: Participation,
    step_key: str,
    reason: str,
    at: datetime,
    granted_by: User | None = None,
    extra: int = 1,
    door: str = "cli",
) -> AttemptGrant:
    """Let the learner submit a test more often than the activity allows, with a reason.

    Raises `NoSuchStep` where the activity has no such post-test.
    """
    locked = locked_participation(participation.uuid)
    test = document_of(locked.revision).step_of.get(step_key)
    if not isinstance(test, PostTest):
        raise NoSuchStep(step_key)
    grant = AttemptGrant.objects.create(
        participation=locked,
        step_key=step_key,
        extra=extra,
        reason=reason,
        granted_by=granted_by,
        granted_at=at,
    )
    by = granted_by.uuid if granted_by else None
    record(locked, "attempt_granted", at=at, by=by, door=door, step=step_key, extra=extra)
    return grant


# --- shared ---------------------------------------------------------------------------------------


def test_of(document: ActivityDocument, step_key: str) -> PreTest | PostTest:
    """The test with this key; raises `NoSuchStep`."""
    test = document.step_of.get(step_key)
    if not isinstance(test, PreTest | PostTest):
        raise NoSuchStep(step_key)
    return test


def items_of(document: ActivityDocument, test: PreTest | PostTest) -> tuple[Item, ...]:
    """The items of a test in the author's order."""
    return tuple(document.item_of[key] for key in test.items)


def answers_of(row: Attempt) -> Answers:
    """The kept answers by item."""
    return {key: frozenset(one["value"]) for key, one in row.answers.items()}


def check_still_open(participation: Participation, at: datetime) -> None:
    """Raise `StepLocked` where nothing of this participation counts any more."""
    window = window_for(participation)
    on = day_in(participation.provider.time_zone, at)
    if participation.superseded_by_id is not None:
        raise StepLocked(Lock(LockCode.SUPERSEDED))
    if window.is_withdrawn:
        raise StepLocked(Lock(LockCode.WITHDRAWN))
    if not window.allows_completion(on):
        raise StepLocked(Lock(LockCode.WINDOW_CLOSED, until=window.complete_until))


def _check_attempts_left(
    participation: Participation, test: PreTest | PostTest, attempts: list[Attempt]
) -> None:
    submitted = [one for one in attempts if one.submitted_at is not None]
    if isinstance(test, PreTest):
        if submitted:
            raise AttemptAlreadySubmitted
        return
    if any(one.passed for one in submitted):
        raise AttemptAlreadySubmitted
    if test.attempts is None or len(submitted) < test.attempts:
        return
    grants = AttemptGrant.objects.filter(participation=participation, step_key=test.key)
    granted = sum(grants.values_list("extra", flat=True))
    if attempts_left(limit=test.attempts, granted=granted, submitted=len(submitted)) == 0:
        raise StepLocked(Lock(LockCode.NO_ATTEMPTS_LEFT, test.key))


def _take_over(
    document: ActivityDocument, row: Attempt, answers: Mapping[str, Iterable[str]], at: datetime
) -> None:
    for key, value in answers.items():
        chosen = tuple(value)
        _check_answer(document, row, key, chosen)
        kept = _kept(row, key)
        if kept is None or set(kept.value) != set(chosen):
            row.answers[key] = _as_json(Choice(chosen, (kept.n if kept else 0) + 1, at))


def _check_answer(document: ActivityDocument, row: Attempt, key: str, value: tuple[str, ...]) -> None:
    if key not in row.form["items"]:
        raise NoSuchStep(key)
    verdict = is_well_formed(document.item_of[key], frozenset(value))
    if not verdict:
        raise AnswerNotAllowed(verdict)


def _kept(row: Attempt, key: str) -> Choice | None:
    stored = row.answers.get(key)
    if stored is None:
        return None
    return Choice(tuple(stored["value"]), stored["n"], datetime.fromisoformat(stored["at"]))


def _as_json(choice: Choice) -> dict[str, Any]:
    return {"value": list(choice.value), "n": choice.n, "at": choice.at.isoformat()}
