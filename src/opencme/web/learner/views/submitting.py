"""Submitting a test."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from opencme.activities.document import PostTest, PreTest
from opencme.activities.queries import document_of
from opencme.learning.models import Attempt, Participation
from opencme.learning.operations import (
    AnswerNotAllowed,
    AnswersMissing,
    AttemptAlreadySubmitted,
    NoSuchStep,
    StepLocked,
    submit_attempt,
    test_of,
)
from opencme.learning.queries import participation_of
from opencme.web.learner.frame import frame_context, learner_of, load_path, settle_beats
from opencme.web.learner.items_page import items_context, saved_at
from opencme.web.learner.views.errors import bad_request

ITEM_PREFIX = "item-"


def submit_test(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """Hand in the attempt that the form names; the server scores it, a replay changes nothing."""
    settle_beats(uuid)
    try:
        participation = participation_of(learner_of(request), uuid)
        test = test_of(document_of(participation.revision), key)
        attempt = UUID(request.POST.get("attempt", ""))
        submit_attempt(
            participation=participation,
            attempt=attempt,
            answers=answers_in(request, test),
            at=timezone.now(),
        )
    except (Participation.DoesNotExist, Attempt.DoesNotExist, NoSuchStep, ValueError):
        raise Http404 from None
    except AnswersMissing as gaps:
        return _page_with_gaps(request, uuid, key, attempt, gaps.keys)
    except AttemptAlreadySubmitted:
        return _already_submitted(request, uuid, key)
    except StepLocked:
        return gone_on(request, reverse("step", args=[uuid, key]))
    except AnswerNotAllowed as refusal:
        return _not_taken(request, str(refusal))
    return gone_on(request, _where_to(participation, test))


def answers_in(request: HttpRequest, test: PreTest | PostTest) -> dict[str, list[str]]:
    """The answers that the form carries, for the items of this test."""
    names = {key: f"{ITEM_PREFIX}{key}" for key in test.items}
    return {key: request.POST.getlist(name) for key, name in names.items() if name in request.POST}


def gone_on(request: HttpRequest, url: str, *, status: int = 200) -> HttpResponse:
    """Where to go after a POST: a redirect, or the address as JSON for a script that asks so."""
    if _wants_json(request):
        return JsonResponse({"location": url}, status=status)
    return redirect(url)


def _where_to(participation: Participation, test: PreTest | PostTest) -> str:
    """After a pre-test on to what it opens, after a post-test to its result."""
    uuid = participation.uuid
    if isinstance(test, PostTest):
        return reverse("result", args=[uuid, test.key])
    content = document_of(participation.revision).unit_of[test.key].content
    return reverse("step", args=[uuid, content[0].key]) if content else reverse("path", args=[uuid])


def _already_submitted(request: HttpRequest, uuid: UUID, key: str) -> HttpResponse:
    """409: handed in before, with other answers; those count."""
    url = reverse("result", args=[uuid, key])
    if _wants_json(request):
        message = _("This test has been submitted.")
        return JsonResponse({"message": message, "location": url}, status=409)
    context = frame_context(load_path(request, uuid), key) | {"result_url": url}
    return render(request, "learner/already_submitted.html", context, status=409)


def _not_taken(request: HttpRequest, message: str) -> HttpResponse:
    """400: an answer that no page of ours offers."""
    if _wants_json(request):
        return JsonResponse({"message": message}, status=400)
    return bad_request(request)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _page_with_gaps(
    request: HttpRequest, uuid: UUID, key: str, attempt: UUID, missing: tuple[str, ...]
) -> HttpResponse:
    path = load_path(request, uuid)
    row = next(one for one in path.attempts_at(key) if one.uuid == attempt)
    context = frame_context(path, key, saved_at=saved_at(row)) | items_context(path, row, missing=missing)
    context["gaps_title"] = _("Some questions are still open.")
    return render(request, "learner/test.html", context, status=422)
