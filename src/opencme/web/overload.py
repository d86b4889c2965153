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
from threading import BoundedSemaphore, Lock
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from opencme.core.counting import count
from opencme.web.plain_answers import PlainAnswer

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

SCRIPTS_WAIT_SECONDS = 0.25
PAGES_WAIT_SECONDS = 2.0
PASSWORDS_WAIT_SECONDS = 5.0
READERS = 32
"""Threads that may read the bodies of requests at once: a sender that stalls holds one of them."""
LARGEST_BODY = 1024 * 1024
LONGEST_STATEMENT_SECONDS = 30
"""Of a page, on PostgreSQL: what hangs there would keep its seat for ever. Commands take their time."""
MEDIA_SEATS = 4
SPARE_THREADS = 8
"""Threads that are left to turn requests away, and for styles and scripts, when all places are taken."""

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

    def __init__(self, *, seats: int, waiting_places: int, make_seat: Callable[[], Seat] = Seat) -> None:
        self._free = [make_seat() for _ in range(seats)]
        self._line: deque[_Waiter] = deque()
        self._places = waiting_places
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
    """Lets an application work on as much as it can, and turns the rest away (WSGI).

    `threads` is how many threads of the server call it.
    """

    def __init__(
        self, application: Application, *, seats: int, threads: int, make_seat: Callable[[], Seat] = Seat
    ) -> None:
        self._application = application
        places = max(1, threads - seats - 2 * MEDIA_SEATS - 2 - SPARE_THREADS)
        work = Room(seats=seats, waiting_places=places, make_seat=make_seat)
        media = Room(seats=MEDIA_SEATS, waiting_places=MEDIA_SEATS, make_seat=make_seat)
        watch = Room(seats=1, waiting_places=1, make_seat=make_seat)
        hashing = Room(seats=max(1, seats // 2), waiting_places=places, make_seat=make_seat)
        self._pages = _Way(work, PAGES_WAIT_SECONDS, 1.0, (5, 10))
        self._scripts = _Way(work, SCRIPTS_WAIT_SECONDS, 0.5, (2, 5))
        self._media = _Way(media, PAGES_WAIT_SECONDS, 1.0, (2, 5))
        self._passwords = _Way(hashing, PASSWORDS_WAIT_SECONDS, 0.4, (5, 10))
        self._watch = _Way(watch, PAGES_WAIT_SECONDS, 1.0, (5, 10))
        self._readers = BoundedSemaphore(READERS)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        way = self._way(environ["PATH_INFO"], environ["REQUEST_METHOD"])
        if way is None:
            return self._application(environ, start_response)
        try:
            refusal = self._read_body(environ)
            if refusal is None:
                with way.room.seat(wait_seconds=way.wait_seconds, share=way.share):
                    return self._application(environ, start_response)
        except NoSeat:
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
        return self._watch if path in _WATCHED else self._pages

    def _read_body(self, environ: Environ) -> PlainAnswer | None:
        """Read what is sent before a seat is taken: a slow sender may hold a thread, never a seat."""
        length = _content_length(environ)
        if not length:
            return None
        if length > LARGEST_BODY:
            return PlainAnswer.TOO_LARGE
        if not self._readers.acquire(timeout=SCRIPTS_WAIT_SECONDS):
            raise NoSeat
        try:
            body = environ["wsgi.input"].read(length)
        finally:
            self._readers.release()
        if len(body) < length:
            return PlainAnswer.CUT_OFF  # half of a form is no form
        environ["wsgi.input"] = BytesIO(body)
        return None


_HASHING = ("/accounts/", "/account/")
"""Passwords are hashed, slowly on purpose: however many sign in at once, others are served meanwhile."""
_WATCHED = frozenset({"/readyz", "/metrics"})


def _content_length(environ: Mapping[str, Any]) -> int:
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
