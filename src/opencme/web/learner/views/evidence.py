"""What the scripts of the path send: answers, played stretches, text read; and the attested route."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from opencme.activities.document import Recording
from opencme.learning.choices import PathStepKind
from opencme.learning.models import Attempt
from opencme.learning.operations import (
    AnswerNotAllowed,
    AttemptAlreadySubmitted,
    NoSuchStep,
    Reported,
    StepLocked,
    attest_content,
    save_answer,
    unwritten_beats,
)
from opencme.learning.queries import LearnerPath
from opencme.learning.rules import Lock, PathStep
from opencme.web.learner.content_page import evidence_answer
from opencme.web.learner.frame import learner_of, load_path, load_path_as_written, title_of
from opencme.web.learner.locks import lock_sentence

MOST_STRETCHES = 500
MOST_OPTIONS = 50


class _BadRequest(ValueError):
    """The body is not what these addresses take."""


@never_cache
@login_required
@require_POST
def save(request: HttpRequest, participation: UUID, key: str) -> JsonResponse:
    """Keep one answer: `{"attempt", "item", "value", "n", "age_ms"}`."""
    try:
        sent = _body(request)
        kept = save_answer(
            learner=learner_of(request),
            participation=participation,
            step_key=key,
            attempt=UUID(_text(sent, "attempt")),
            item=_text(sent, "item"),
            value=_texts(sent, "value"),
            n=_number(sent, "n"),
            age_ms=_number(sent, "age_ms"),
            at=timezone.now(),
        )
    except (_BadRequest, ValueError, NoSuchStep):
        return JsonResponse({"message": _("This answer could not be read.")}, status=400)
    except AnswerNotAllowed as refusal:
        return JsonResponse({"message": str(refusal)}, status=400)
    except Attempt.DoesNotExist:
        raise Http404 from None
    except AttemptAlreadySubmitted:
        message = _("This test has been submitted.")
        url = reverse("result", args=[participation, key])
        return JsonResponse({"message": message, "location": url}, status=409)
    except StepLocked as refusal:
        message = _("This test is closed.")
        url = reverse("step", args=[participation, key])
        return JsonResponse({"message": message, "location": url, "code": refusal.lock.code}, status=409)
    return JsonResponse(
        {"item": kept.item, "value": kept.value, "n": kept.n, "saved_at": kept.saved_at.isoformat()}
    )


@never_cache
@login_required
@require_POST
def beat(request: HttpRequest, participation: UUID, key: str) -> JsonResponse:
    """Count what was played: `{"played": [[start_ms, end_ms], ...], "position_ms", "last"}`."""

    def report(path: LearnerPath, step_key: str, sent: dict[str, Any]) -> Reported:
        return unwritten_beats.report_played(
            path=path,
            step_key=step_key,
            played=_stretches(sent, "played"),
            position_ms=_number(sent, "position_ms"),
            at=timezone.now(),
            at_once=_is_last(sent),
        )

    return _counted(request, participation, key, report)


@never_cache
@login_required
@require_POST
def read_segments(request: HttpRequest, participation: UUID, key: str) -> JsonResponse:
    """Count what was read: `{"read": [[start_ms, end_ms], ...], "last"}`."""

    def report(path: LearnerPath, step_key: str, sent: dict[str, Any]) -> Reported:
        return unwritten_beats.report_read(
            path=path,
            step_key=step_key,
            read=_stretches(sent, "read"),
            at=timezone.now(),
            at_once=_is_last(sent),
        )

    return _counted(request, participation, key, report)


def _counted(
    request: HttpRequest,
    participation: UUID,
    key: str,
    report: Callable[[LearnerPath, str, dict[str, Any]], Reported],
) -> JsonResponse:
    """Hand what was sent to `report`, and answer what counts now."""
    found, stop, recording = _recording(request, participation, key)
    try:
        reported = report(found, recording.key, _body(request))
    except _BadRequest:
        return _unreadable()
    except StepLocked as refusal:
        return _locked(found, stop, refusal.lock)
    return JsonResponse(evidence_answer(reported, recording, stop))


def attest_words() -> str:
    """What the learner attests; kept with the evidence."""
    return _("I have completed this content another way.")


@never_cache
@login_required
@require_POST
def attest(request: HttpRequest, participation: UUID, key: str) -> HttpResponse:
    """Keep the learner's word; the page then shows what it has opened."""
    found = load_path(request, participation)
    if not request.POST.get("attested"):
        return redirect("step", participation, key)
    try:
        attest_content(path=found, step_key=key, wording=attest_words(), at=timezone.now())
    except NoSuchStep:
        raise Http404 from None
    except StepLocked:
        return redirect("step", participation, key)
    return redirect(f"{reverse('step', args=[participation, key])}#post-test")


def _recording(
    request: HttpRequest, participation: UUID, key: str
) -> tuple[LearnerPath, PathStep, Recording]:
    found = load_path_as_written(request, participation)
    stop, recording = found.step(key), found.document.step_of.get(key)
    if stop is None or stop.kind is not PathStepKind.CONTENT or not isinstance(recording, Recording):
        raise Http404
    return found, stop, recording


def _locked(found: LearnerPath, stop: PathStep, lock: Lock) -> JsonResponse:
    zone = found.participation.provider.record.time_zone_label
    message = lock_sentence(lock, title_of(found.document, stop), zone=zone)
    return JsonResponse({"message": message, "code": lock.code}, status=409)


def _unreadable() -> JsonResponse:
    return JsonResponse({"message": _("This could not be read.")}, status=400)


# --- reading JSON that anyone may have sent ---------------------------------------------------------


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig) as error:
        raise _BadRequest from error
    if not isinstance(sent, dict):
        raise _BadRequest
    return sent


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise _BadRequest
    return value


def _texts(sent: dict[str, Any], name: str) -> list[str]:
    value = sent.get(name)
    if not isinstance(value, list) or len(value) > MOST_OPTIONS:
        raise _BadRequest
    if not all(isinstance(one, str) for one in value):
        raise _BadRequest
    return value


def _number(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**31:
        raise _BadRequest
    return int(value)


def _is_last(sent: dict[str, Any]) -> bool:
    """Whether the browser expects to send nothing for a while: at a pause, or when the page is left."""
    return sent.get("last") is True or not settings.OPENCME_MERGE_BEATS


def _stretches(sent: dict[str, Any], name: str) -> list[tuple[int, int]]:
    value = sent.get(name, [])
    if not isinstance(value, list) or len(value) > MOST_STRETCHES:
        raise _BadRequest
    return [_stretch(one) for one in value]


def _stretch(value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise _BadRequest
    ends = {"start": value[0], "end": value[1]}
    return _number(ends, "start"), _number(ends, "end")
