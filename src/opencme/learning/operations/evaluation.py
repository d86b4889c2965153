"""The confidential evaluation: kept apart from the name, and set free of it in batches.

What this protects against: staff, reports, exports, and whoever holds a later copy of the
database. Not against an operator of the running machine, and not before a response has moved.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from opencme.activities.document import Evaluation
from opencme.assessment.models import AnonymousResponse
from opencme.core.audit import record
from opencme.core.compiled import insert, update
from opencme.core.databases.retrying import retried
from opencme.learning.choices import LockCode, PathStepKind
from opencme.learning.models import HeldEvaluation, Participation
from opencme.learning.queries import LearnerPath, day_in
from opencme.learning.rules import Lock, Response, read_responses
from opencme.people.queries import current_qualification
from opencme.providers.statements import UnknownWord, profession

from .stepping import NoSuchStep, StepLocked, locked_participation, open_step

HELD_UNTIL = 10
"""So many evaluations of one revision are held before any of them moves."""

SMALLEST_CELL = 5
"""Fewer people of one profession in one month could be told apart."""


class AnswersNotAllowed(Exception):
    """Questions without their answer, or with one that they do not take, by key."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def submit_evaluation(
    *, path: LearnerPath, answers: Mapping[str, str], at: datetime, door: str = "web"
) -> Participation:
    """Complete the evaluation step and hold the answers, in one transaction.

    A second submit changes nothing, whatever it contains: nobody can tell whose answers to
    change. Raises `StepLocked`, and `AnswersNotAllowed` where questions are left open.
    """
    evaluation = path.document.evaluation
    if evaluation is None:
        raise NoSuchStep(PathStepKind.EVALUATION)
    if path.participation.evaluated_at is not None:
        return path.participation
    open_step(path, evaluation.key)
    given, problems = read_responses(evaluation, answers)
    if problems:
        raise AnswersNotAllowed(problems)
    return _complete(path, evaluation, given, at, door)


@retried
@transaction.atomic
def _complete(
    path: LearnerPath,
    evaluation: Evaluation,
    given: Mapping[str, Response],
    at: datetime,
    door: str,
) -> Participation:
    participation = locked_participation(path.participation.uuid)
    if participation.superseded_by_id is not None:
        raise StepLocked(Lock(LockCode.SUPERSEDED))
    if participation.evaluated_at is not None:
        return participation
    participation.evaluated_at = at
    update(participation, "evaluated_at")
    if not participation.is_preview:
        _hold(participation, evaluation, given, at)
    record(
        participation,
        "evaluated",
        at=at,
        by=participation.learner.uuid,
        door=door,
        revision=participation.revision.sha256,
    )
    return participation


def _hold(
    participation: Participation, evaluation: Evaluation, given: Mapping[str, Response], at: datetime
) -> None:
    stated = current_qualification(participation.learner)
    local = day_in(participation.provider.time_zone, at)
    insert(
        HeldEvaluation(
            participation=participation,
            revision_sha256=participation.revision.sha256,
            step_key=evaluation.key,
            profession_group=_group_of(stated.profession) if stated else "",
            month=f"{local:%Y-%m}",
            answers=given,
        )
    )


def _group_of(code: str) -> str:
    """The coarse group that reports count; a single profession could be rare enough to be a name."""
    try:
        return profession(code).category
    except UnknownWord:
        return ""


def move_held_evaluations(*, at: datetime) -> int:
    """Set free what is held of each revision with ten or more; return how many moved.

    Never by calendar. The rows move in random order and get random keys; profession and month
    are blanked where fewer than five of the batch share both. `at` is not stored anywhere.
    """
    del at
    ready = (
        HeldEvaluation.objects.values_list("revision_sha256")
        .annotate(held=Count("pk"))
        .filter(held__gte=HELD_UNTIL)
    )
    return sum(_move(sha256) for sha256, _ in ready)


@transaction.atomic
def _move(revision_sha256: str) -> int:
    held = list(HeldEvaluation.objects.select_for_update().filter(revision_sha256=revision_sha256))
    if len(held) < HELD_UNTIL:  # another mover was faster
        return 0
    cells = Counter((one.profession_group, one.month) for one in held)
    secrets.SystemRandom().shuffle(held)
    AnonymousResponse.objects.bulk_create(
        _freed(one, is_small=cells[one.profession_group, one.month] < SMALLEST_CELL) for one in held
    )
    HeldEvaluation.objects.filter(pk__in=[one.pk for one in held]).delete()
    return len(held)


def _freed(held: HeldEvaluation, *, is_small: bool) -> AnonymousResponse:
    return AnonymousResponse(
        revision_sha256=held.revision_sha256,
        step_key=held.step_key,
        profession_group="" if is_small else held.profession_group,
        month="" if is_small else held.month,
        answers=held.answers,
    )
