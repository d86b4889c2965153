"""SQLite with several threads on one file, a full disk, a disk that fails, and a reader who stays."""

import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing

import pytest
from django.db import OperationalError, connections, transaction
from django.db.transaction import TransactionManagementError

from opencme.core.databases.errors import DatabaseBusy, DatabaseDamaged, StorageFull
from opencme.core.databases.sqlite3 import base

pytestmark = pytest.mark.sqlite


@pytest.fixture
def file(tmp_path, django_db_blocker):
    """A database of its own with one table, under two names: "other" waits but shortly for its turn."""
    path = tmp_path / "file.sqlite3"
    common = connections["default"].settings_dict | {"NAME": str(path)}
    for alias, timeout in (("file", 20), ("other", 0.2)):
        connections.settings[alias] = common | {"OPTIONS": common["OPTIONS"] | {"timeout": timeout}}
    with django_db_blocker.unblock():
        with connections["file"].cursor() as cursor:
            cursor.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, value BLOB)")
        yield path
        for alias in ("file", "other"):
            connections[alias].close()
            del connections[alias], connections.settings[alias]


def insert(value=b"", *, using="file", count=1):
    with connections[using].cursor() as cursor:
        for _ in range(count):
            cursor.execute("INSERT INTO kept (value) VALUES (%s)", [value])


def number(using="file"):
    with connections[using].cursor() as cursor:
        return cursor.execute("SELECT count(*) FROM kept").fetchone()[0]


def in_threads(*jobs):
    """Each job in a thread of its own, with its own connection; fails where one of them fails."""
    failures = []

    def run(job):
        try:
            job()
        except Exception as failure:  # noqa: BLE001  shown below
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def test_reading_first_and_writing_later_loses_no_update(file):
    insert(b"0")

    def add():
        for _ in range(50):
            with transaction.atomic(using="file"), connections["file"].cursor() as cursor:
                value = int(cursor.execute("SELECT value FROM kept WHERE id = 1").fetchone()[0])
                cursor.execute("UPDATE kept SET value = %s WHERE id = 1", [str(value + 1)])

    in_threads(*[add] * 8)
    with connections["file"].cursor() as cursor:
        assert int(cursor.execute("SELECT value FROM kept").fetchone()[0]) == 400


def test_a_writer_waits_for_its_turn_and_not_for_luck(file):
    """Where SQLite polls by itself, one of these writes ten times as often as another."""
    turns = Counter()

    def write():
        while turns.total() < 240:
            with transaction.atomic(using="file"):
                insert()
                turns[threading.get_ident()] += 1
                time.sleep(0.005)

    in_threads(*[write] * 8)
    assert len(turns) == 8
    assert min(turns.values()) > max(turns.values()) / 3


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "error"])
def test_the_turn_is_free_however_a_transaction_ends(file, end):
    connection = connections["file"]
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    insert()
    with pytest.raises(DatabaseBusy):
        insert(using="other")
    if end == "error":
        with pytest.raises(OperationalError, match="no such table"), connection.cursor() as cursor:
            cursor.execute("INSERT INTO nowhere VALUES (1)")
        connection.rollback()
    else:
        getattr(connection, end)()
    insert(using="other")
    assert number("other") == (2 if end == "commit" else 1)


def test_without_a_transaction_each_statement_takes_its_turn(file):
    with connections["file"].cursor() as cursor:
        cursor.execute("INSERT INTO kept (value) VALUES ('a') RETURNING id")
        with pytest.raises(DatabaseBusy):  # not yet committed: its row waits to be fetched
            insert(using="other")
        assert cursor.fetchone() == (1,)
    insert(using="other")
    with connections["other"].cursor() as cursor:
        cursor.executemany("INSERT INTO kept (value) VALUES (%s)", [(b"b",), (b"c",)])
    insert()
    assert number() == 5


def test_readers_wait_for_nobody(file):
    with transaction.atomic(using="file"):
        insert()
        assert number("other") == 0
    assert number("other") == 1


def test_another_process_that_writes_for_long_is_named(file):
    with closing(sqlite3.connect(file, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="Try again"):
            insert(using="other")
        stranger.execute("ROLLBACK")
    insert(using="other")


# --- a full disk, a disk that fails ----------------------------------------------------------------


def leave_little_room():
    with connections["file"].cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 3}")


def test_when_it_is_full_reading_goes_on_and_writing_says_so(file):
    insert(b"before")
    leave_little_room()
    with pytest.raises(StorageFull, match="Make room there"), transaction.atomic(using="file"):
        insert(b"x" * 3000, count=20)
    assert number() == 1
    insert(b"after", using="other")
    assert number() == 2


@pytest.fixture
def small_disk(tmp_path):
    """Two MiB under the database; False where nobody may mount, and the database then bounds itself."""
    options = ["-t", "tmpfs", "-o", "size=2m", "none", tmp_path]
    mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
    yield mounted
    if mounted:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_disk_that_fills_up_under_several_writers_harms_nothing_and_is_left_behind(small_disk, file):
    (file.parent / "ballast").write_bytes(b"x" * 1024 * 1024)
    if not small_disk:
        connections.settings["file"]["OPTIONS"]["init_command"] += " PRAGMA max_page_count = 200;"
    whole, refused = [], []

    def write():
        for _ in range(200):
            try:
                with transaction.atomic(using="file"):
                    insert(b"first half" * 500)
                    insert(b"second half" * 500)
                whole.append(1)
            except StorageFull as refusal:
                refused.append(refusal)
                assert number() % 2 == 0  # reading goes on

    in_threads(write, write, write)
    assert whole
    assert refused
    assert number() == 2 * len(whole)
    (file.parent / "ballast").unlink()
    insert(b"x" * 3000)
    with connections["file"].cursor() as cursor:
        assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_what_follows_a_full_disk_is_not_kept_without_the_rest(file):
    """SQLite may end the transaction by itself; Django would go on as though nothing had happened."""
    leave_little_room()
    with transaction.atomic(using="file"):
        with pytest.raises(StorageFull):
            insert(b"x" * 3000, count=20)
        with pytest.raises(TransactionManagementError):
            insert(b"alone")
    assert number() == 0


def test_a_damaged_file_is_named_and_its_connection_not_kept(file):
    insert(b"x" * 3000, count=50)
    connections["file"].close()
    with file.open("r+b") as contents:
        contents.seek(4096)
        contents.write(b"\x99" * 40_000)
    with pytest.raises(DatabaseDamaged, match="restore the last backup"):
        number()
    connections["file"].close_if_unusable_or_obsolete()
    assert connections["file"].connection is None


# --- the log ---------------------------------------------------------------------------------------


def test_the_log_is_bounded_though_somebody_reads_at_every_moment(file, monkeypatch):
    monkeypatch.setattr(base, "LOG_LIMIT", 1024 * 1024)
    monkeypatch.setattr(base, "_PAUSE_AFTER_A_VAIN_TRY", 0.0)
    insert(b"x", count=300)
    is_over, largest, log = threading.Event(), 0, file.with_name("file.sqlite3-wal")

    def read():
        while not is_over.is_set():
            with connections["file"].cursor() as cursor:
                cursor.execute("SELECT id, value FROM kept LIMIT 300")
                while cursor.fetchmany(100):
                    time.sleep(0.015)

    def write():
        nonlocal largest
        try:
            for _ in range(150):
                with transaction.atomic(using="file"):
                    insert(b"x" * 100_000)
                largest = max(largest, log.stat().st_size)
        finally:
            is_over.set()

    in_threads(read, read, read, write)
    assert largest < 6 * 1024 * 1024, "of the fifteen that were written"


def test_a_reader_who_stays_delays_nobody_for_long_and_then_the_log_shrinks(file, monkeypatch):
    monkeypatch.setattr(base, "LOG_LIMIT", 1024 * 1024)
    monkeypatch.setattr(base, "_PAUSE_AFTER_A_VAIN_TRY", 0.3)
    log = file.with_name("file.sqlite3-wal")
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM kept").fetchone()
        began = time.monotonic()
        insert(b"x" * 50_000, count=100)
        assert time.monotonic() - began < 5
        assert reader.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        assert log.stat().st_size > 2 * 1024 * 1024
    time.sleep(0.4)
    insert()
    assert log.stat().st_size == 0


def test_tidying_gathers_statistics_and_empties_the_log(file):
    with connections["file"].cursor() as cursor:
        cursor.execute("CREATE INDEX kept_value ON kept (value)")
    insert(b"x" * 1000, count=400)
    with connections["file"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept WHERE value > 'a'").fetchone()
    connections["file"].tidy()
    assert file.with_name("file.sqlite3-wal").stat().st_size == 0
    insert(using="other")
