"""The application, a plain WSGI callable for any server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request with its whole body at once.

    A body handed over in pieces keeps its thread until the client has taken the last piece: two
    stalled clients would stop two threads. No body of ours is large; recordings go in ranges.
    """
    response = _django(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        close = getattr(response, "close", None)
        if close is not None:
            close()


if settings.OPENCME_BACKGROUND_WORK:
    from opencme.config.background import start_background_work

    start_background_work()
