"""Validators of public pages, taken over all that a page shows before it is made.

A visitor without a session who has the page is told so (304) for the price of its queries. What
goes in is the rows as they were read, every column of them, so that no fact can be forgotten, and
with them the day, the address, the settings and the software itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language

_PACKAGE = Path(__file__).resolve().parents[2]
_KINDS = (".html", ".mo", ".py", ".toml", ".xml")


def unless_known(
    request: HttpRequest, facts: Iterable[object], make: Callable[[], HttpResponse]
) -> HttpResponse:
    """The page of `make` with a validator over `facts`, or 304 where the visitor has it.

    `facts` are rows and plain values: all that the page shows and all that chooses what it shows,
    the day first. Whoever brings a session is given the page: it is theirs alone.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return make()
    validator = quote_etag(_digest_of(request, facts))
    answer = get_conditional_response(request, etag=validator) or make()
    answer.headers["ETag"] = validator
    return answer


def _digest_of(request: HttpRequest, facts: Iterable[object]) -> str:
    seen: set[int] = set()
    plain = [_plain(fact, seen) for fact in facts]
    said = (_software(), _house(), get_language(), request.get_full_path(), plain)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _plain(fact: object, seen: set[int]) -> object:
    """A row as its columns and the rows that were read with it, each once."""
    if isinstance(fact, Model):
        if id(fact) in seen:
            return fact.pk
        seen.add(id(fact))
        read = {name: value for name, value in vars(fact).items() if not name.startswith("_")}
        joined = fact._state.fields_cache  # noqa: SLF001  the rows that came with this one
        return (type(fact).__name__, _plain(read, seen), _plain(joined, seen))
    if isinstance(fact, dict):
        return [(name, _plain(value, seen)) for name, value in fact.items()]
    if isinstance(fact, list | tuple):
        return [_plain(one, seen) for one in fact]
    return fact


def _house() -> tuple[Any, ...]:
    """The settings that pages show."""
    return (
        settings.OPENCME_BASE_URL,
        settings.OPENCME_DEMONSTRATION,
        settings.OPENCME_OFFICE_EMAIL,
        settings.OPENCME_SITE_NAME,
    )


@cache
def _software() -> str:
    """What this process runs: templates, words, code and the names of static files."""
    files = sorted(path for path in _PACKAGE.rglob("*") if path.suffix in _KINDS)
    stamps = [(str(path.relative_to(_PACKAGE)), path.stat().st_mtime_ns) for path in files]
    names = getattr(staticfiles_storage, "manifest_hash", "")
    return hashlib.sha256(repr((stamps, names)).encode()).hexdigest()
