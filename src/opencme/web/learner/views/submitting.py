"""Submitting a test."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.learning.choices import PathStepKind
from opencme.learning.models import Attempt
from opencme.learning.operations import (
    AnswerNotAllowed,
    AnswersMissing,
    AttemptAlreadySubmitted,
    StepLocked,
    submit_attempt,
)
from opencme.web.learner.frame import frame_context
from opencme.web.learner.items_page import items_context, saved_at

if TYPE_CHECKING:
    from opencme.learning.queries import LearnerPath
    from opencme.learning.rules import PathStep

ITEM_PREFIX = "item-"


def submit_test(request: HttpRequest, path: LearnerPath, step: PathStep) -> HttpResponse:
    """Hand in the attempt that the form names; the server scores it, a replay changes nothing."""
    if step.kind not in {PathStepKind.PRE_TEST, PathStepKind.POST_TEST}:
        raise Http404
    attempt = _attempt_named(request, path, step)
    try:
        submit_attempt(
            participation=path.participation,
            attempt=attempt.uuid,
            answers=answers_in(request, attempt),
            at=timezone.now(),
        )
    except AnswersMissing as gaps:
        return _page_with_gaps(request, path, step, attempt, gaps.keys)
    except AttemptAlreadySubmitted:
        pass
    except StepLocked:
        return gone_on(request, reverse("step", args=[path.participation.uuid, step.key]))
    except AnswerNotAllowed as refusal:
        return HttpResponse(str(refusal), status=400, content_type="text/plain")
    return gone_on(request, _where_to(path, step))


def answers_in(request: HttpRequest, attempt: Attempt) -> dict[str, list[str]]:
    """The answers that the form carries, for the items of this attempt."""
    names = {key: f"{ITEM_PREFIX}{key}" for key in attempt.form["items"]}
    return {key: request.POST.getlist(name) for key, name in names.items() if name in request.POST}


def gone_on(request: HttpRequest, url: str, *, status: int = 200) -> HttpResponse:
    """Where to go after a POST: a redirect, or the address as JSON for a script that asks so."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"location": url}, status=status)
    return redirect(url)


def _attempt_named(request: HttpRequest, path: LearnerPath, step: PathStep) -> Attempt:
    try:
        uuid = UUID(request.POST.get("attempt", ""))
    except ValueError:
        raise Http404 from None
    found = next((one for one in path.attempts_at(step.key) if one.uuid == uuid), None)
    if found is None:
        raise Http404
    return found


def _where_to(path: LearnerPath, step: PathStep) -> str:
    uuid = path.participation.uuid
    if step.kind is PathStepKind.PRE_TEST:
        return reverse("path", args=[uuid])
    return reverse("result", args=[uuid, step.key])


def _page_with_gaps(
    request: HttpRequest,
    path: LearnerPath,
    step: PathStep,
    attempt: Attempt,
    missing: tuple[str, ...],
) -> HttpResponse:
    attempt.refresh_from_db()
    context = frame_context(path, step.key, saved_at=saved_at(attempt))
    context |= items_context(path, attempt, missing=missing)
    context["gaps_title"] = _("Some questions are still open.")
    return render(request, "learner/test.html", context, status=422)
