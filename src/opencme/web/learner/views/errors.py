"""Pages that say what went wrong, why, and what to do next."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


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
    response = render(request, "errors/429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without a request context, so that it works with the database gone."""
    frame = {
        "site_name": settings.OPENCME_SITE_NAME,
        "is_demonstration": settings.OPENCME_DEMONSTRATION,
        "office_email": settings.OPENCME_OFFICE_EMAIL,
        "retry_url": request.get_full_path() if request.method == "GET" else "/",
    }
    return HttpResponse(render_to_string("errors/500.html", frame), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: a form without its token."""
    return render(request, "errors/403.html", {"csrf": True}, status=403)
