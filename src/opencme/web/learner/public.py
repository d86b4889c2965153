"""Answers to public GET requests: with validators, no CSRF token, no session of their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe

from opencme.web.context import is_signed_in

View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """A page that anyone may read: the same bytes answer 304, each copy is checked before its use.

    The words depend on the day and, with a session, on the person, so nothing is ever served
    from a cache unasked.
    """

    @require_safe
    @conditional_page
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie"])
        if not response.has_header("Cache-Control"):
            whose = {"private": True} if is_signed_in(request) else {}
            patch_cache_control(response, no_cache=True, **whose)
        return response

    return answered
