"""Browsers that have been in an account before.

Whoever hammers at somebody's account from elsewhere uses up the tries of strangers, and not those
of a browser that its owner has signed in with. The cookie opens nothing: it only counts apart.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

NAME = "opencme_device"
_SALT = "opencme.web.devices"
LIFETIME_SECONDS = 180 * 24 * 3600
MOST_ACCOUNTS = 5
"""Of one browser: on a shared computer the newest count."""


def remember_device(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """Note in the browser that it was let into `account`, a mail address; the note does not show it."""
    name, accounts = _read(request)
    digests = _digests(account)
    newest = [digests[0], *(one for one in accounts if one not in digests)][:MOST_ACCOUNTS]
    response.set_signed_cookie(
        _name(),
        ".".join([name or secrets.token_urlsafe(12), *newest]),
        salt=_SALT,
        max_age=LIFETIME_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_device(request: HttpRequest, account: str) -> str:
    """The name of a browser that was in `account` before, else nothing."""
    name, accounts = _read(request)
    return name if set(_digests(account)) & set(accounts) else ""


def _name() -> str:
    return f"{settings.OPENCME_COOKIE_PREFIX}{NAME}"


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    cookie: Any = request.get_signed_cookie(_name(), default="", salt=_SALT, max_age=LIFETIME_SECONDS)
    name, *accounts = str(cookie).split(".")
    return name, accounts


def _digests(account: str) -> list[str]:
    """By the present secret key, then by those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    said = account.strip().lower()
    return [salted_hmac(_SALT, said, secret=key, algorithm="sha256").hexdigest()[:16] for key in keys]
