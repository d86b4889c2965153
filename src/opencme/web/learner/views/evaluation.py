"""The confidential evaluation and, beside it, the named plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from opencme.learning.choices import PathStepKind, StepState
from opencme.learning.operations import (
    AnswersNotAllowed,
    PlanNotAllowed,
    StepLocked,
    keep_plan,
    submit_evaluation,
)
from opencme.web.learner.evaluation_page import evaluation_context, plan_context
from opencme.web.learner.frame import frame_context, load_path
from opencme.web.learner.views.path import locked_page
from opencme.web.learner.views.submitting import gone_on

if TYPE_CHECKING:
    from uuid import UUID

    from opencme.learning.queries import LearnerPath
    from opencme.learning.rules import PathStep

QUESTION_PREFIX = "q-"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evaluation(request: HttpRequest, participation: UUID) -> HttpResponse:
    """The questions; once they are sent, thanks, whatever is sent again."""
    found = load_path(request, participation)
    stop = _evaluation_step(found)
    if request.method == "POST":
        return _submit(request, found, stop)
    if stop.state is StepState.LOCKED and stop.lock is not None:
        return locked_page(request, found, stop, stop.lock)
    context = frame_context(found, stop.key)
    if stop.state is StepState.DONE:
        return render(request, "learner/evaluated.html", context | {"following": _following(found)})
    context |= evaluation_context(found) | plan_context(found)
    return render(request, "learner/evaluation.html", context)


def _submit(request: HttpRequest, found: LearnerPath, stop: PathStep) -> HttpResponse:
    given = _given(request, found)
    try:
        submit_evaluation(path=found, answers=given, at=timezone.now())
    except StepLocked as refusal:
        return locked_page(request, found, stop, refusal.lock)
    except AnswersNotAllowed as refusal:
        context = frame_context(found, stop.key) | plan_context(found)
        context |= evaluation_context(found, given=given, problems=refusal.problems)
        return render(request, "learner/evaluation.html", context, status=422)
    return gone_on(request, _after(found))


def _after(found: LearnerPath) -> str:
    """The claim, where there is one; else the thanks."""
    uuid = found.participation.uuid
    has_claim = any(one.kind is PathStepKind.CLAIM for one in found.steps)
    was_sent = found.participation.evaluated_at is not None
    return reverse("claim" if has_claim and not was_sent else "evaluation", args=[uuid])


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, participation: UUID) -> HttpResponse:
    """The plan by itself, before and after the evaluation; kept with the learner's name."""
    found = load_path(request, participation)
    if request.method != "POST":
        return _plan_page(request, found)
    try:
        keep_plan(
            participation=found.participation,
            text=request.POST.get("will", ""),
            ask_in_days=_days(request.POST.get("ask", "")),
            at=timezone.now(),
        )
    except PlanNotAllowed:
        error = _("Write one sentence, at most 1,000 characters, and choose when to ask.")
        return _plan_page(request, found, error=error)
    return redirect(f"{_came_from(request, found)}#plan")


def _plan_page(request: HttpRequest, found: LearnerPath, *, error: str = "") -> HttpResponse:
    typed, asked = request.POST.get("will", "")[:2000], _days(request.POST.get("ask", ""))
    context = frame_context(found, _place_of_plan(found))
    context |= plan_context(found, error=error, typed=typed, asked=asked)
    return render(request, "learner/plan.html", context, status=422 if error else 200)


def _evaluation_step(found: LearnerPath) -> PathStep:
    stop = next((one for one in found.steps if one.kind is PathStepKind.EVALUATION), None)
    if stop is None:
        raise Http404
    return stop


def _given(request: HttpRequest, found: LearnerPath) -> dict[str, str]:
    evaluation = found.document.evaluation
    if evaluation is None:
        raise Http404
    return {one.key: request.POST.get(f"{QUESTION_PREFIX}{one.key}", "") for one in evaluation.questions}


def _following(found: LearnerPath) -> str:
    return reverse("path", args=[found.participation.uuid]) if found.current else ""


def _days(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def _place_of_plan(found: LearnerPath) -> str:
    return next((one.key for one in found.steps if one.kind is PathStepKind.EVALUATION), "")


def _came_from(request: HttpRequest, found: LearnerPath) -> str:
    """Back to the result with the evaluation, where the panel stood; else the plan's own page."""
    uuid = found.participation.uuid
    back = request.POST.get("back", "")
    step = found.step(back) if back else None
    if step and step.kind is PathStepKind.POST_TEST and found.participation.evaluated_at is None:
        return reverse("result", args=[uuid, step.key])
    return reverse("plan", args=[uuid])
