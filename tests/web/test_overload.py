"""What the server does with more than it can do: most of it in turn, the rest refused politely."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from io import BytesIO

import pytest
from django.db import connection

from opencme.core.counting import counted
from opencme.core.rooms import Rooms, RoomSize, rooms_for
from opencme.web.overload import SCRIPTS_WAIT_SECONDS, SENDERS_OF_ONE_ADDRESS, NoSeat, Overload, Room, Seat
from opencme.web.senders import address_of

SAVE = "/path/0191/pre-test/save/"
PAGE = "/path/0191/pre-test/"


class Busy:
    """An application that works on each request until it is let go."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.bodies = []

    def __call__(self, environ, start_response):
        self.bodies.append(environ["wsgi.input"].read())
        self.begun.release()
        assert self.go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]


class Answer:
    def __init__(self, application, path=PAGE, *, body=b"", **environ):
        asked = {
            "REQUEST_METHOD": "POST" if body else "GET",
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        self.body = b"".join(application(asked | environ, self.start))

    def start(self, status, headers):
        self.status = int(status.split()[0])
        self.headers = dict(headers)


@pytest.fixture
def busy():
    application = Busy()
    yield application
    application.go_on.set()


def overload(application, *, seats=1):
    return Overload(application, rooms=rooms_for(seats), make_seat=nullcontext)


def a_room(*, places):
    return Room(RoomSize(seats=1, places=places), make_seat=nullcontext)


@pytest.fixture
def full(busy):
    """A server whose only seat is taken until the test ends."""
    server = overload(busy)
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(Answer, server)
        assert busy.begun.acquire(timeout=5)
        yield server
        busy.go_on.set()
        assert taken.result().body == b"done"


def test_as_many_work_at_once_as_there_are_seats(busy):
    server = overload(busy, seats=3)
    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(Answer, server) for _ in range(5)]
        for _ in range(3):
            assert busy.begun.acquire(timeout=5)
        assert not busy.begun.acquire(timeout=0.1)
        busy.go_on.set()
        assert [answer.result().status for answer in answers] == [200] * 5


def test_what_a_script_sends_waits_for_a_quarter_of_a_second_and_is_told_when_to_come_again(full):
    before = counted("sheds")
    answer = Answer(full, SAVE, body=b"{}", HTTP_ACCEPT="application/json")
    assert SCRIPTS_WAIT_SECONDS <= 0.25
    assert answer.status == 503
    assert 2 <= int(answer.headers["Retry-After"]) <= 5
    assert json.loads(answer.body) == {"message": "Many people are here right now"}
    assert counted("sheds") == before + 1


def test_a_page_waits_longer_and_then_says_that_answers_are_kept(monkeypatch):
    monkeypatch.setattr("opencme.web.overload.PAGES_WAIT_SECONDS", 0.01)
    server = overload(None)
    server._pages.room._take(0, 1)
    answer = Answer(server, HTTP_ACCEPT="text/html")
    page = answer.body.decode()
    assert answer.status == 503
    assert 5 <= int(answer.headers["Retry-After"]) <= 10
    assert "Your answers are kept here" in page
    assert "Try again" in page
    assert len(answer.body) < 4_000
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_that_found_no_time_can_be_sent_again_by_reloading(monkeypatch):
    monkeypatch.setattr("opencme.web.overload.PAGES_WAIT_SECONDS", 0.01)
    server = overload(None)
    server._pages.room._take(0, 1)
    page = Answer(server, body=b"item-a=b", HTTP_ACCEPT="text/html").body.decode()
    assert "use the reload button" in page
    assert "Try again" not in page


def in_line(room, count):
    """Wait until so many wait."""
    until(lambda: len(room._line) >= count)


def until(happened):
    """Wait until it has happened, five seconds at most."""
    end = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_scripts_leave_half_of_the_waiting_places_to_pages():
    room = a_room(places=2)
    with ThreadPoolExecutor(1) as pool:
        with room.seat(wait_seconds=0):
            waits = pool.submit(room._take, 5, 0.5)
            in_line(room, 1)
            with pytest.raises(NoSeat):
                room._take(5, 0.5)  # at once, not after five seconds
            with pytest.raises(NoSeat):
                room._take(0.01, 1.0)  # a page may wait, if for nothing
        assert waits.result()


def test_who_came_first_sits_down_first():
    room = a_room(places=9)
    order = []

    def work(number):
        with room.seat(wait_seconds=5):
            order.append(number)

    with ThreadPoolExecutor(9) as pool, room.seat(wait_seconds=0):
        for number in range(9):
            pool.submit(work, number)
            in_line(room, number + 1)
    assert order == list(range(9))


def test_styles_and_probes_are_answered_however_full_the_house_is(full):
    def at_once(environ, start_response):
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    full._application = at_once
    assert Answer(full, "/static/opencme/css/base.css").status == 200
    assert Answer(full, "/readyz").status == 200
    assert Answer(full, "/metrics").status == 200
    assert Answer(full, "/media/aa/talk.mp4").status == 200


def test_however_many_sign_in_others_are_served(busy):
    """Passwords are hashed in a room of their own, with half as many seats."""
    server = overload(busy, seats=4)
    with ThreadPoolExecutor(6) as pool:
        signing_in = [pool.submit(Answer, server, "/accounts/login/", body=b"x") for _ in range(4)]
        for _ in range(2):
            assert busy.begun.acquire(timeout=5)
        assert not busy.begun.acquire(timeout=0.1)
        page = pool.submit(Answer, server)
        assert busy.begun.acquire(timeout=5)
        busy.go_on.set()
        assert {answer.result().status for answer in (*signing_in, page)} == {200}


def test_a_server_with_every_place_taken_has_threads_left_to_refuse_with(busy):
    one = RoomSize(seats=1, places=1)
    rooms = Rooms(work=one, passwords=one, media=one, probes=one, senders=8, spare_threads=1)
    server = Overload(busy, rooms=rooms, make_seat=nullcontext)
    paths = (PAGE, "/accounts/login/", "/media/aa/talk.mp4", "/metrics")
    with ThreadPoolExecutor(rooms.threads) as server_threads:
        asked = [server_threads.submit(Answer, server, path, body=b"x") for path in paths for _ in range(2)]
        for _ in paths:
            assert busy.begun.acquire(timeout=5)
        for way in (server._pages, server._passwords, server._media, server._probes):
            in_line(way.room, 1)
        refused = [server_threads.submit(Answer, server, path, body=b"x") for path in paths]
        assert [one.result(timeout=5).status for one in refused] == [503] * len(paths)
        busy.go_on.set()
        assert {one.result().status for one in asked} == {200}


class Slow:
    """A body that comes when it comes."""

    def __init__(self):
        self.asking = []
        self.arrived = threading.Event()

    def read(self, length):
        self.asking.append(length)
        assert self.arrived.wait(10)
        return b"x" * length


def test_a_slow_sender_holds_no_seat(busy):
    busy.go_on.set()
    server, slow = overload(busy), Slow()
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(Answer, server, body=b"abc", **{"wsgi.input": slow})
        until(lambda: slow.asking)
        assert Answer(server).status == 200
        slow.arrived.set()
        assert sending.result().status == 200
    assert busy.bodies == [b"", b"xxx"]


def test_of_one_address_so_many_may_stall_that_others_can_still_send(busy):
    busy.go_on.set()
    server, slow = overload(busy), Slow()
    stalls = {"wsgi.input": slow, "REMOTE_ADDR": "2001:db8::1"}
    with ThreadPoolExecutor(SENDERS_OF_ONE_ADDRESS) as pool:
        stalled = [pool.submit(Answer, server, body=b"abc", **stalls) for _ in range(SENDERS_OF_ONE_ADDRESS)]
        until(lambda: len(slow.asking) == SENDERS_OF_ONE_ADDRESS)
        assert Answer(server, body=b"abc", REMOTE_ADDR="2001:db8::2").status == 503  # of the same household
        assert Answer(server, body=b"abc", REMOTE_ADDR="203.0.113.7").status == 200
        slow.arrived.set()
        assert {one.result().status for one in stalled} == {200}
    assert Answer(server, body=b"abc", REMOTE_ADDR="2001:db8::1").status == 200


@pytest.mark.parametrize(
    ("proxies", "passed", "named"),
    [
        (0, "203.0.113.7", "198.51.100.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "192.0.2.1, 203.0.113.7", "203.0.113.7"),  # what the visitor wrote stands before
        (2, "192.0.2.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "198.51.100.9"),
        (1, "", "198.51.100.9"),
    ],
)
def test_a_sender_is_known_by_the_address_that_our_proxies_name(proxies, passed, named):
    environ = {"REMOTE_ADDR": "198.51.100.9"} | ({"HTTP_X_FORWARDED_FOR": passed} if passed else {})
    assert address_of(environ, proxies=proxies) == named


def test_a_body_that_is_too_large_is_refused_unread(busy):
    answer = Answer(overload(busy), CONTENT_LENGTH=str(1024 * 1024 + 1), **{"wsgi.input": None})
    assert answer.status == 413
    assert b"That was too much at once" in answer.body


def test_half_a_form_is_no_form(busy):
    answer = Answer(overload(busy), body=b"item-a=b", CONTENT_LENGTH="20")
    assert answer.status == 400
    assert busy.bodies == []


def test_a_seat_is_free_again_after_an_error():
    def broken(environ, start_response):
        raise RuntimeError

    server = overload(broken)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            Answer(server)


@pytest.mark.django_db(transaction=True)
def test_there_are_as_many_database_connections_as_seats():
    seen = set()

    def work(environ, start_response):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen.add(id(connection.connection))
        start_response("200 OK", [])
        return [b""]

    seats = []

    def make_seat():
        seats.append(Seat())
        return seats[-1]

    server = Overload(work, rooms=rooms_for(2), make_seat=make_seat)
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(Answer, server) for _ in range(64)]
        assert {answer.result().status for answer in answers} == {200}
    assert len(seen) <= 2
    for seat in seats:
        for kept in seat._connections.values():
            kept.close()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_statement_of_a_page_ends_in_time():
    def timeout():
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    def seated():
        with Seat():
            try:
                return timeout()
            finally:
                connection.close()

    with ThreadPoolExecutor(1) as pool:  # a seat takes the place of its thread's own connections
        assert pool.submit(seated).result() == "30s"
    assert timeout() == "0"  # of commands
