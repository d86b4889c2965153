"""Answers that need neither database nor session nor template at the time they are given.

They are given when the server has no time, so each is made once and kept. Headers are those of
every other page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from opencme.web.policy import ContentSecurityPolicy


class PlainAnswer(Enum):
    """What is said without looking anything up."""

    BUSY = HTTPStatus.SERVICE_UNAVAILABLE
    TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    CUT_OFF = HTTPStatus.BAD_REQUEST

    def answer(
        self,
        environ: Mapping[str, Any],
        start_response: Callable[..., Any],
        headers: Mapping[str, str] | None = None,
    ) -> Iterable[bytes]:
        """Answer a WSGI request: a page to people, a few words of JSON to scripts."""
        is_get = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        wants_json = "application/json" in environ.get("HTTP_ACCEPT", "")
        kept = _made(self, is_get=is_get, wants_json=wants_json)
        own = list((headers or {}).items())
        start_response(f"{self.value.value} {self.value.phrase}", [*kept.items(), *own])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else kept.content]


@cache
def _made(answer: PlainAnswer, *, is_get: bool, wants_json: bool) -> HttpResponse:
    """The answer as the pages' own middleware sends it, made once."""

    def view(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  middleware passes it
        return _json(answer) if wants_json else _page(answer, is_get=is_get)

    secured = SecurityMiddleware(XFrameOptionsMiddleware(ContentSecurityPolicy(view)))
    response = secured(_our_own_request())
    if not isinstance(response, HttpResponse):
        raise TypeError(type(response))
    response["Cache-Control"] = "no-store"
    response["Content-Length"] = str(len(response.content))
    return response


def _our_own_request() -> HttpRequest:
    """A request that reached us as our base URL says, so that the headers are those of this site."""
    url = urlsplit(settings.OPENCME_BASE_URL)
    return WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "SERVER_NAME": url.hostname or "localhost",
            "SERVER_PORT": str(url.port or 443),
            "wsgi.url_scheme": url.scheme,
            "HTTP_X_FORWARDED_PROTO": url.scheme,
            "wsgi.input": BytesIO(),
        }
    )


def _json(answer: PlainAnswer) -> HttpResponse:
    body = json.dumps({"message": _words(answer)})
    return HttpResponse(body, status=answer.value, content_type="application/json")


def _page(answer: PlainAnswer, *, is_get: bool) -> HttpResponse:
    frame = {
        "site_name": settings.OPENCME_SITE_NAME,
        "office_email": settings.OPENCME_OFFICE_EMAIL,
        "heading": _words(answer),
        "is_get": is_get,
        "is_busy": answer is PlainAnswer.BUSY,
        "is_too_large": answer is PlainAnswer.TOO_LARGE,
    }
    return HttpResponse(render_to_string("errors/plain.html", frame), status=answer.value)


def _words(answer: PlainAnswer) -> str:
    return {
        PlainAnswer.BUSY: _("Many people are here right now"),
        PlainAnswer.TOO_LARGE: _("That was too much at once"),
        PlainAnswer.CUT_OFF: _("Only a part of it arrived"),
    }[answer]
