"""One server for one SQLite file."""

import os
import signal
import time
from datetime import UTC, datetime

import pytest

from opencme.core.databases.server_lock import ServerAlreadyRuns, hold_database, holder_of

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def held(tmp_path):
    descriptor = hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8000", at=AT)
    yield descriptor
    os.close(descriptor)


def test_a_second_server_is_told_who_the_first_is(tmp_path, held):
    with pytest.raises(ServerAlreadyRuns) as refused:
        hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8001", at=AT)
    assert str(refused.value) == (
        f"{tmp_path}/cme.sqlite3 is served already, by process {os.getpid()} at 127.0.0.1:8000, since"
        " 2026-11-22 09:30:00+00:00. SQLite is for one server: stop that one first, or use PostgreSQL."
    )
    assert holder_of(tmp_path / "cme.sqlite3").pid == os.getpid()


def test_another_name_of_the_file_is_the_same_file(tmp_path, held):
    (tmp_path / "link.sqlite3").symlink_to(tmp_path / "cme.sqlite3")
    with pytest.raises(ServerAlreadyRuns):
        hold_database(tmp_path / "link.sqlite3", address="127.0.0.1:8001", at=AT)
    os.close(hold_database(tmp_path / "other.sqlite3", address="127.0.0.1:8001", at=AT))


def test_when_the_server_has_gone_the_file_is_free(tmp_path):
    os.close(hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8000", at=AT))
    assert holder_of(tmp_path / "cme.sqlite3") is None
    os.close(hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8001", at=AT))


def test_what_a_killed_server_leaves_is_waited_for(tmp_path):
    """A server that is killed leaves a process that ends its requests; the next start takes over then."""
    reading, writing = os.pipe()
    server = os.fork()
    if server == 0:
        hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8000", at=AT)
        if os.fork() == 0:
            os.write(writing, b".")
            time.sleep(0.5)
        else:
            time.sleep(60)
        os._exit(0)
    os.read(reading, 1)
    os.kill(server, signal.SIGKILL)
    os.waitpid(server, 0)
    assert holder_of(tmp_path / "cme.sqlite3").pid == server
    began = time.monotonic()
    os.close(hold_database(tmp_path / "cme.sqlite3", address="127.0.0.1:8001", at=AT))
    assert 0.1 < time.monotonic() - began < 5
