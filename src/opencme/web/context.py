"""What every page needs of the request: whether someone is signed in, and whose house this is."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest

from opencme.people.models import User


def is_signed_in(request: HttpRequest) -> bool:
    """Whether a person is signed in, without touching the session of those who have none.

    A visitor without a session cookie costs no query and no session.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return bool(request.user.is_authenticated)


def signed_in_user(request: HttpRequest) -> User:
    """The account of a request that has passed `login_required` or `is_signed_in`."""
    return cast("User", request.user)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame of every page (context processor)."""
    signed_in = is_signed_in(request)
    return {
        "signed_in": signed_in,
        "may_have_messages": _may_have_messages(request),
        "is_demonstration": settings.OPENCME_DEMONSTRATION,
        "site_name": settings.OPENCME_SITE_NAME,
        "office_email": settings.OPENCME_OFFICE_EMAIL,
        "base_url": settings.OPENCME_BASE_URL,
    }


def _may_have_messages(request: HttpRequest) -> bool:
    """Whether to look for messages: with a session, or where this very request has left one."""
    is_new = getattr(get_messages(request), "added_new", False)
    return is_new or settings.SESSION_COOKIE_NAME in request.COOKIES
