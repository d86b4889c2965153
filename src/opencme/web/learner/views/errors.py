"""Pages that say what went wrong, why, and what to do next."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from opencme.core.counting import count
from opencme.core.databases.errors import (
    CommitInDoubt,
    DatabaseTrouble,
    NotOnDisk,
    StorageFailed,
    StorageFull,
)
from opencme.credit.operations.signing_key import SigningKeyMissing


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """400: the request makes no sense."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403: not theirs."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404: nothing here."""
    return render(request, "errors/404.html", status=404)


def conflict(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """409: sent before, or sent too late; views call this one."""
    return render(request, "errors/409.html", status=409)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """429: a rate limit; views call this one. allauth calls it too."""
    count("throttled")
    response = render(request, "errors/429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database or the key is to blame; rendered so that it works with both gone."""
    trouble = sys.exc_info()[1]
    if isinstance(trouble, DatabaseTrouble):
        return database_trouble(request, trouble)
    if isinstance(trouble, SigningKeyMissing):
        return unsigned(request)
    return HttpResponse(render_to_string("errors/500.html", _frame(request)), status=500)


def database_trouble(request: HttpRequest, trouble: DatabaseTrouble) -> HttpResponse:
    """503: nothing was saved, and it may go better later; the browser keeps answers and sends them again."""
    is_full = isinstance(trouble, StorageFull | StorageFailed)
    if "application/json" in request.headers.get("Accept", ""):
        message = (
            _("Nothing can be saved right now") if is_full else _("The database does not answer right now")
        )
        response: HttpResponse = JsonResponse({"message": message}, status=503)
    else:
        frame = _frame(request) | {
            "is_full": is_full,
            "is_in_doubt": isinstance(trouble, CommitInDoubt | NotOnDisk),
            "is_read": request.method in ("GET", "HEAD"),
        }
        response = HttpResponse(render_to_string("errors/503.html", frame), status=503)
    # A disk is not emptied in a moment; a database that was started again is back in one.
    response["Retry-After"] = "30" if is_full else "5"
    return response


def unsigned(request: HttpRequest) -> HttpResponse:
    """503: a certificate cannot be signed before the office has found the key; the log says how."""
    response = HttpResponse(render_to_string("errors/503_unsigned.html", _frame(request)), status=503)
    response["Retry-After"] = "300"
    return response


def _frame(request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": settings.OPENCME_SITE_NAME,
        "is_demonstration": settings.OPENCME_DEMONSTRATION,
        "office_email": settings.OPENCME_OFFICE_EMAIL,
        "retry_url": request.get_full_path() if request.method == "GET" else "/",
        # In the log, every line of this request has it.
        "request_id": request.META.get("opencme.request_id", ""),
    }


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: a form without its token."""
    return render(request, "errors/403.html", {"csrf": True}, status=403)
