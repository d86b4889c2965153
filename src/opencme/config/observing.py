"""Each request gets an id, is timed, counted and logged: one thin layer around the application.

Nothing of it names a person: no address, no path, no account.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Final

from django.core.handlers.wsgi import WSGIHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.urls import ResolverMatch

from opencme.config.current_request import CurrentRequest, begin_request, current_request, end_request
from opencme.config.metrics import observe_request

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

logger = logging.getLogger("opencme.requests")

SLOW_SECONDS: Final = 2.0
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class NamedViews(WSGIHandler):
    """Django's handler, which also tells by which name an address is known."""

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        match = super().resolve_request(request)
        known = current_request()
        if known is not None:
            known.view = match.view_name
        return match


def observed(application: Application, *, behind_proxy: bool) -> Application:
    """Return `application` with every request named, timed, counted and logged.

    The id that a proxy in front gave a request is kept; otherwise a new one is made. It goes out
    in X-Request-ID.
    """

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "") if behind_proxy else ""
        request = CurrentRequest(given if _WELL_FORMED.fullmatch(given) else os.urandom(12).hex())
        environ["opencme.request_id"] = request.id

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            request.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-ID", request.id)], *more)

        token = begin_request(request)
        try:
            return application(environ, note)
        except Exception:  # none of Django's, which answers for its own
            logger.exception("A request could not be answered")
            if request.status:
                raise  # an answer has begun
            note("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"Something broke on our side. Try again in a minute.\n"]
        finally:
            _done(environ, request, perf_counter() - begun)
            end_request(token)

    return answer


def _done(environ: Environ, request: CurrentRequest, seconds: float) -> None:
    if not request.view and environ["PATH_INFO"].startswith("/static/"):
        request.view = "static"
    observe_request(environ["REQUEST_METHOD"], request, seconds)
    level = logging.WARNING if seconds > SLOW_SECONDS else logging.INFO
    if logger.isEnabledFor(level):
        logger.log(
            level,
            "slow request" if level == logging.WARNING else "request",
            extra={
                "view": request.view,
                "method": environ["REQUEST_METHOD"],
                "status": request.status,
                "ms": round(seconds * 1000, 1),
                "database_ms": round(request.database_seconds * 1000, 1),
                "queries": request.queries,
            },
        )


def time_statements() -> None:
    """Let every connection from now on time its statements for the request at hand."""
    connection_created.connect(_time_those_of, dispatch_uid="opencme.observing")


def _time_those_of(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if _timed not in connection.execute_wrappers:  # a connection that was lost is made anew
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
    request = current_request()
    if request is None:
        return execute(sql, params, many, context)
    begun = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        request.database_seconds += perf_counter() - begun
        request.queries += 1
