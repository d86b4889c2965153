"""Overload is refused politely: a bounded number of requests is worked on, some wait, the rest come back.

A server that takes on everything at once answers nobody in time. Here each request needs a seat in
a room. Few seats are enough, because Python runs one thread at a time and the others wait for the
disk; a seat brings its own database connections, so that there are as many of these as there are
seats, however many threads wait. Who finds no seat waits for a moment. What a script sends (an
answer, what was played) waits shortest and takes at most half of the waiting places, since the
browser keeps it and sends it again; the places left are for pages, which have nobody to keep them.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from opencme.core.counting import count
from opencme.core.rooms import Rooms, RoomSize
from opencme.web.networks import network_of
from opencme.web.plain_answers import PlainAnswer
from opencme.web.senders import Senders, TooManySenders, address_of

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

SCRIPTS_WAIT_SECONDS = 0.25
PAGES_WAIT_SECONDS = 2.0
PASSWORDS_WAIT_SECONDS = 5.0
SENDERS_OF_ONE_ADDRESS = 16
LONGEST_STATEMENT_SECONDS = 30
"""Of a page, on PostgreSQL: what hangs there would keep its seat for ever. Commands take their time."""

_SENT_BY_SCRIPTS = ("/save/", "/beat/", "/read/")


class Seat:
    """A place to work at, with database connections of its own; they are opened when first used."""

    def __init__(self) -> None:
        self._connections = {alias: _connection_of_a_seat(alias) for alias in connections}

    def __enter__(self) -> None:
        for alias, connection in self._connections.items():
            connections[alias] = connection

    def __exit__(self, *_: object) -> None:
        for alias in self._connections:
            del connections[alias]


def _connection_of_a_seat(alias: str) -> BaseDatabaseWrapper:
    connection = connections.create_connection(alias)
    connection.inc_thread_sharing()  # one thread after the other, never two at once
    if connection.vendor == "postgresql":
        options = dict(connection.settings_dict["OPTIONS"])
        limit = f"-c statement_timeout={LONGEST_STATEMENT_SECONDS}s"
        options["options"] = f"{options.get('options', '')} {limit}".strip()
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    return connection


class NoSeat(Exception):
    """Too much is under way; come again."""


class _Waiter:
    """Somebody in the line; who gives up a seat puts it into `seat` and opens `turn`."""

    __slots__ = ("seat", "turn")

    def __init__(self) -> None:
        self.seat: Seat | None = None
        self.turn = Lock()
        self.turn.acquire()


class Room:
    """Some seats, and places to wait for one; who came first sits down first."""

    def __init__(self, size: RoomSize, *, make_seat: Callable[[], Seat] = Seat) -> None:
        self._free = [make_seat() for _ in range(size.seats)]
        self._line: deque[_Waiter] = deque()
        self._places = size.places
        self._lock = Lock()

    @contextmanager
    def seat(self, *, wait_seconds: float, share: float = 1.0) -> Iterator[None]:
        """Sit down, waiting so long at most and only while less than `share` of the places is taken.

        Raises `NoSeat`.
        """
        seat = self._take(wait_seconds, share)
        try:
            with seat:
                yield
        finally:
            self._give(seat)

    def _take(self, wait_seconds: float, share: float) -> Seat:
        with self._lock:
            if self._free:
                return self._free.pop()
            if len(self._line) >= self._places * share:
                raise NoSeat
            waiter = _Waiter()
            self._line.append(waiter)
        waiter.turn.acquire(timeout=wait_seconds)
        with self._lock:
            if waiter.seat is None:
                self._line.remove(waiter)
                raise NoSeat
        return waiter.seat

    def _give(self, seat: Seat) -> None:
        with self._lock:
            if not self._line:
                self._free.append(seat)  # taken again first: its connection knows the tables already
                return
            waiter = self._line.popleft()
            waiter.seat = seat
            waiter.turn.release()


@dataclass(frozen=True, slots=True)
class _Way:
    """How a request gets its seat."""

    room: Room
    wait_seconds: float
    share: float
    retry_after: tuple[int, int]
    """The seconds to come back after, between these: not all at the same moment."""


class Overload:
    """Lets an application work on as much as it can, and turns the rest away (WSGI)."""

    def __init__(
        self, application: Application, *, rooms: Rooms, make_seat: Callable[[], Seat] = Seat
    ) -> None:
        self._application = application
        work = Room(rooms.work, make_seat=make_seat)
        passwords = Room(rooms.passwords, make_seat=make_seat)
        media = Room(rooms.media, make_seat=make_seat)
        probes = Room(rooms.probes, make_seat=make_seat)
        self._pages = _Way(work, PAGES_WAIT_SECONDS, 1.0, (5, 10))
        self._scripts = _Way(work, SCRIPTS_WAIT_SECONDS, 0.5, (2, 5))
        self._media = _Way(media, PAGES_WAIT_SECONDS, 1.0, (2, 5))
        self._passwords = _Way(passwords, PASSWORDS_WAIT_SECONDS, 1.0, (5, 10))
        self._probes = _Way(probes, PAGES_WAIT_SECONDS, 1.0, (5, 10))
        self._senders = Senders(together=rooms.senders, of_one_address=SENDERS_OF_ONE_ADDRESS)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        way = self._way(environ["PATH_INFO"], environ["REQUEST_METHOD"])
        if way is None:
            return self._application(environ, start_response)
        try:
            refusal = self._read_body(environ)
            if refusal is None:
                with way.room.seat(wait_seconds=way.wait_seconds, share=way.share):
                    return self._application(environ, start_response)
        except (NoSeat, TooManySenders):
            count("sheds")
            refusal = PlainAnswer.BUSY
            after = random.randint(*way.retry_after)  # noqa: S311  spreads, hides nothing
            return refusal.answer(environ, start_response, {"Retry-After": str(after)})
        return refusal.answer(environ, start_response)

    def _way(self, path: str, method: str) -> _Way | None:
        """None for files that cost nothing."""
        if path.startswith("/path/"):
            return self._scripts if path.endswith(_SENT_BY_SCRIPTS) else self._pages
        if path.startswith("/static/"):
            return None
        if path.startswith("/media/"):
            return self._media
        if method == "POST" and path.startswith(_HASHING):
            return self._passwords
        return self._probes if path in _PROBES else self._pages

    def _read_body(self, environ: Environ) -> PlainAnswer | None:
        """Read what is sent before a seat is taken: a slow sender may hold a thread, never a seat."""
        length = _content_length(environ)
        if not length:
            return None
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return PlainAnswer.TOO_LARGE
        address = address_of(environ, proxies=settings.ALLAUTH_TRUSTED_PROXY_COUNT)
        with self._senders.sending(network_of(address), wait_seconds=SCRIPTS_WAIT_SECONDS):
            body = environ["wsgi.input"].read(length)
        if len(body) < length:
            return PlainAnswer.CUT_OFF  # half of a form is no form
        environ["wsgi.input"] = BytesIO(body)
        return None


_HASHING = ("/accounts/", "/account/")
_PROBES = frozenset({"/readyz", "/metrics"})


def _content_length(environ: Mapping[str, Any]) -> int:
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
