"""A page that only reads is made once more where the connection to the database was lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from opencme.core.databases.errors import ConnectionLost
from opencme.core.databases.retrying import reconnect

_READING = ("GET", "HEAD")


class SecondTry:
    """Middleware; what writes is tried again by its operation, which knows that it may be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page, after the connection was made anew; raises what goes wrong this time."""
        match, connection = request.resolver_match, transaction.get_connection()
        is_lost = isinstance(exception, ConnectionLost) and not connection.in_atomic_block
        if not is_lost or match is None or request.method not in _READING:
            return None
        reconnect(connection)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response
