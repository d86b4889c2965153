"""The way through an activity: the current step, the page of each step, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from opencme.credit.merging import standing_participation
from opencme.learning.choices import LockCode, PathStepKind, StepState
from opencme.learning.models import Attempt
from opencme.learning.operations import AttemptAlreadySubmitted, begin_attempt
from opencme.learning.queries import LearnerPath
from opencme.learning.rules import Lock, PathStep
from opencme.web.learner.content_page import content_context
from opencme.web.learner.evaluation_page import evaluation_context, plan_context
from opencme.web.learner.frame import (
    frame_context,
    load_path,
    next_address,
    step_url,
    title_of,
    unit_of,
)
from opencme.web.learner.items_page import items_context, saved_at
from opencme.web.learner.locks import CLOSING, lock_sentence
from opencme.web.learner.result_page import result_context
from opencme.web.learner.views.submitting import submit_test

if TYPE_CHECKING:
    from uuid import UUID


@never_cache
@login_required
@require_safe
def path(request: HttpRequest, participation: UUID) -> HttpResponse:
    """On to the next thing to do; where nothing is, to the page that says what now."""
    found = load_path(request, participation)
    return redirect(next_address(found))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, participation: UUID, key: str) -> HttpResponse:
    """The page of one step; a POST submits its test."""
    if request.method == "POST":
        return submit_test(request, participation, key)
    found = load_path(request, participation)
    stop = found.step(key)
    if stop is None:
        raise Http404
    if stop.key != key or stop.kind in {PathStepKind.EVALUATION, PathStepKind.CLAIM}:
        return redirect(step_url(found, stop))
    if stop.state is StepState.LOCKED and stop.lock is not None:
        return locked_page(request, found, stop, stop.lock)
    show = _content if stop.kind is PathStepKind.CONTENT else _test
    return show(request, found, stop)


def _content(request: HttpRequest, found: LearnerPath, stop: PathStep) -> HttpResponse:
    go_to = request.GET.get("at", "")
    seconds = int(go_to[:6]) if go_to.isdecimal() else None
    context = frame_context(found, stop.key) | content_context(found, stop, go_to=seconds)
    after = context["next"]
    if after and after["open"] and not after["tried"]:
        attempt = begin_attempt(path=found, step_key=after["step"].key, at=timezone.now())
        context["test_form"] = items_context(found, attempt)
    return render(request, "learner/content.html", context)


def _test(request: HttpRequest, found: LearnerPath, stop: PathStep) -> HttpResponse:
    attempt = _attempt_to_show(request, found, stop)
    if attempt is None:
        return redirect("result", found.participation.uuid, stop.key)
    context = items_context(found, attempt)
    context |= frame_context(found, stop.key, saved_at=saved_at(attempt))
    return render(request, "learner/test.html", context)


def _attempt_to_show(request: HttpRequest, found: LearnerPath, stop: PathStep) -> Attempt | None:
    """The attempt in progress, the first one, or the one asked for as the next; else its result.

    Back after a submit leads to a page whose attempt is done, and so to the result.
    """
    if stop.state is StepState.DONE:
        return None
    begun = found.open_attempt(stop.key)
    made = found.state.test(stop.key).submitted
    asked_for = request.GET.get("attempt", "")
    if made and asked_for != str(made + 1) and not (begun and begun.answers and not asked_for):
        return None
    try:
        return begin_attempt(path=found, step_key=stop.key, at=timezone.now())
    except AttemptAlreadySubmitted:
        return None


@never_cache
@login_required
@require_safe
def result(request: HttpRequest, participation: UUID, key: str) -> HttpResponse:
    """The result of the last attempt; after passing, with the evaluation on the same page."""
    found = load_path(request, participation)
    stop = found.step(key)
    if stop is None or stop.kind not in {PathStepKind.PRE_TEST, PathStepKind.POST_TEST}:
        raise Http404
    attempt = found.last_submitted(key)
    if attempt is None:
        return redirect("step", participation, key)
    evaluation = _open_evaluation(found) if attempt.passed else None
    context = frame_context(found, evaluation.key if evaluation else key) | result_context(found, attempt)
    context |= {"stop": stop, "following": _following(found, stop)}
    context["early_url"] = _early_url(found) if attempt.passed else ""
    if evaluation:
        context |= evaluation_context(found) | plan_context(found)
    return render(request, "learner/result.html", context)


def _open_evaluation(found: LearnerPath) -> PathStep | None:
    """The evaluation where it is next: while units are left, the way goes on to the next of them."""
    following = found.current
    return following if following and following.kind is PathStepKind.EVALUATION else None


def _early_url(found: LearnerPath) -> str:
    """Where what was passed so far leads to its credit, although other units wait."""
    if found.current is None or not found.current.unit:
        return ""
    kinds = {PathStepKind.EVALUATION, PathStepKind.CLAIM}
    stop = next((one for one in found.steps if one.kind in kinds and one.state is StepState.OPEN), None)
    return step_url(found, stop) if stop else ""


def _following(found: LearnerPath, stop: PathStep) -> dict[str, str] | None:
    """The next thing to do, for the one button of the page."""
    following = found.current
    if following is None or following.key == stop.key:
        return None
    title = title_of(found.document, following)
    unit = unit_of(found.document, following)
    if unit and unit.key != stop.unit and unit.title:
        title = unit.title
    return {"title": title, "url": step_url(found, following), "kind": following.kind.value}


def locked_page(request: HttpRequest, found: LearnerPath, stop: PathStep, lock: Lock) -> HttpResponse:
    """403: the step is locked; the page says why, and what opens it or what now."""
    zone = found.participation.provider.record.time_zone_label
    title = title_of(found.document, stop)
    opener = found.step(lock.opened_by) if lock.opened_by else None
    context = frame_context(found, stop.key) | {
        "stop": stop,
        "lock": lock,
        "title": title,
        "sentence": lock_sentence(lock, title, zone=zone, kind=stop.kind),
        "is_closed": lock.code in CLOSING,
        "opener": _opener(found, opener) if opener and lock.code not in CLOSING else None,
        "zone": zone,
        "claim_until": found.window.evaluate_and_claim_until if found.window.allows_claim(found.on) else None,
        "result_url": _result_url(found, stop),
        "standing": _standing(found) if lock.code is LockCode.SUPERSEDED else None,
        "review": _review(found),
    }
    return render(request, "learner/locked.html", context, status=403)


def _opener(found: LearnerPath, opener: PathStep) -> dict[str, str]:
    return {"title": title_of(found.document, opener), "url": step_url(found, opener)}


def _result_url(found: LearnerPath, stop: PathStep) -> str:
    if found.last_submitted(stop.key) is None:
        return ""
    return reverse("result", args=[found.participation.uuid, stop.key])


def _standing(found: LearnerPath) -> str:
    return reverse("path", args=[standing_participation(found.participation).uuid])


def _review(found: LearnerPath) -> str:
    """The content that may still be looked at, without credit."""
    stop = next((one for one in found.steps if one.kind is PathStepKind.CONTENT and not one.lock), None)
    return step_url(found, stop) if stop else ""
