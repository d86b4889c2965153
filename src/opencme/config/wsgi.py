"""The application, a plain WSGI callable for any server."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

import django
from django.conf import settings
from django.urls import get_resolver
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opencme.config.settings")

django.setup(set_prefix=False)

# These hold models, which can be imported only now.
from opencme.config.background import start_background_work  # noqa: E402
from opencme.config.observing import NamedViews, observed, time_statements  # noqa: E402
from opencme.config.probes import with_probes, with_sign_of_life  # noqa: E402
from opencme.config.writing_beats import start_writing_beats  # noqa: E402
from opencme.core.processors import stay_on_one  # noqa: E402
from opencme.core.rooms import rooms_for  # noqa: E402
from opencme.credit.operations.signing_key import signing_key_file  # noqa: E402
from opencme.web.overload import Overload  # noqa: E402

_django = NamedViews()


def _whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
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


time_statements()
application = observed(
    with_sign_of_life(Overload(with_probes(_whole), rooms=rooms_for(settings.OPENCME_WORK_AT_ONCE))),
    behind_proxy=settings.OPENCME_BEHIND_PROXY,
)

# Load every page now: a start that would fail fails here, and nobody's first request is slow.
_pages = get_resolver().url_patterns

# What was loaded stays: the collector need not look through it again and again while requests wait. A
# page makes some thousands of objects and lets nearly all of them go by itself.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 10, 10)

if settings.OPENCME_ONE_PROCESSOR:
    stay_on_one()

signing_key_file(settings.OPENCME_DATA_DIR, at=timezone.now())
if settings.OPENCME_MERGE_BEATS:
    start_writing_beats()
if settings.OPENCME_BACKGROUND_WORK:
    start_background_work()
