"""PostgreSQL goes away in the middle, and other things that are no mistake of the program."""

import random
import threading
import time

import psycopg
import pytest
from bench.faulting.installation import free_port
from bench.faulting.proxy import CuttingProxy
from django.db import IntegrityError, close_old_connections, connection, connections, transaction
from django.test import Client
from psycopg.pq import DiagnosticField

from opencme.core.counting import counted
from opencme.core.databases.errors import (
    CommitInDoubt,
    ConnectionLost,
    DatabaseBusy,
    StorageFailed,
    StorageFull,
    WritesCollided,
)
from opencme.core.databases.postgresql import base
from opencme.core.databases.retrying import retried
from opencme.people.models import User

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

LEAVE = "SELECT pg_terminate_backend(pg_backend_pid())"


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def session():
    with connection.cursor() as cursor:
        return cursor.execute("SELECT pg_backend_pid()").fetchone()[0]


def test_what_is_asked_again_and_again_is_planned_once():
    User.objects.create(email="known@hospital.example", name="Known")
    for number in range(8):
        User.objects.filter(email=f"nobody{number}@hospital.example").first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%people_user%'")
        assert cursor.fetchone()[0] >= 1


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("53100", StorageFull),
        ("58030", StorageFailed),
        ("25006", StorageFailed),
        ("53200", DatabaseBusy),
        ("53300", DatabaseBusy),
        ("57014", DatabaseBusy),
        ("40P01", WritesCollided),
        ("25P03", ConnectionLost),
        ("57P03", ConnectionLost),
        ("23505", IntegrityError),
    ],
)
def test_errors_have_names(state, name):
    with pytest.raises(name) as raised:
        execute(f"DO $$ BEGIN RAISE EXCEPTION 'it is so' USING ERRCODE = '{state}'; END $$")
    assert type(raised.value) is name
    assert "it is so" in str(raised.value)


def test_a_database_that_cannot_be_reached_is_named(monkeypatch):
    monkeypatch.setattr(base, "_PATIENCE_SECONDS", 0.4)
    connection.close()
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"
    began = time.monotonic()
    with pytest.raises(ConnectionLost, match="See that it runs"):
        session()
    assert 0.3 < time.monotonic() - began < 3, "it is waited for, and not without end"
    with pytest.raises(ConnectionLost):
        session()
    connection.settings_dict["PORT"] = port


def test_one_that_is_started_again_is_waited_for():
    connection.close()
    before = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    port, proxies = free_port(), []

    def listen():
        target = (before["HOST"], int(before["PORT"]))
        proxies.append(CuttingProxy(target, random.Random(), port=port))

    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(port)}
    threading.Timer(0.4, listen).start()
    assert session()
    connection.close()
    connection.settings_dict |= before
    proxies[0].close()


def test_the_health_of_a_connection_costs_no_statement(django_assert_num_queries):
    before = session()
    with django_assert_num_queries(0):
        connection.close_if_unusable_or_obsolete()
        connection.close_if_health_check_failed()
    assert session() == before


def test_a_session_that_the_server_ended_is_replaced_before_the_next_request():
    before = session()
    thread = threading.Thread(target=lambda: (end(before), connections.close_all()))
    thread.start()
    thread.join()
    close_old_connections()  # as a server does before each request
    assert session() != before


def test_a_page_whose_connection_is_lost_on_the_way_is_made_again():
    before = session()
    thread = threading.Thread(target=lambda: (end(before), connections.close_all()))
    thread.start()
    thread.join()
    assert Client().get("/").status_code == 200


def end(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def open_account(before_the_end, name="Someone"):
    """An operation whose natural key is the name."""

    @retried
    @transaction.atomic
    def operation():
        user, _ = User.objects.get_or_create(name=name, defaults={"email": f"{name}@example.org"})
        if before_the_end:
            execute(before_the_end.pop())
        return user

    return operation()


def test_an_operation_whose_connection_was_lost_runs_once_more():
    lost = counted("lost_connections")
    open_account([LEAVE])
    assert User.objects.filter(name="Someone").count() == 1
    assert counted("lost_connections") == lost + 1


def test_a_connection_that_is_lost_again_and_again_is_no_endless_loop():
    with pytest.raises(ConnectionLost):
        open_account([LEAVE, LEAVE])
    assert not User.objects.filter(name="Someone").exists()


@pytest.fixture
def _doubt():
    """The first commit to this table loses its connection."""
    execute("CREATE TABLE doubt ()")
    execute(f"CREATE FUNCTION leave() RETURNS trigger AS $$ BEGIN PERFORM {LEAVE[7:]}; RETURN NULL; END $$"
            " LANGUAGE plpgsql")  # fmt: skip
    execute("CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON doubt DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION leave()")  # fmt: skip
    yield
    execute("DROP TABLE doubt")
    execute("DROP FUNCTION leave")


@pytest.mark.usefixtures("_doubt")
def test_a_commit_in_doubt_is_tried_again_under_the_same_key_and_counted():
    doubts = counted("commits_in_doubt")
    user = open_account(["INSERT INTO doubt DEFAULT VALUES"])
    assert User.objects.get(name="Someone") == user
    assert counted("commits_in_doubt") == doubts + 1


@pytest.mark.usefixtures("_doubt")
def test_without_a_second_run_a_commit_in_doubt_has_its_own_name():
    with pytest.raises(CommitInDoubt, match="may have been kept, or not"), transaction.atomic():
        execute("INSERT INTO doubt DEFAULT VALUES")


@pytest.mark.parametrize("error", [psycopg.errors.IoError, psycopg.errors.DiskFull])
def test_a_commit_that_the_server_could_not_synchronize_and_panicked_at_is_in_doubt(monkeypatch, error):
    def panic():
        said = {DiagnosticField.SEVERITY_NONLOCALIZED: b"PANIC"}
        raise error('could not fdatasync file "000000010000000000000001"', info=said)

    execute("SELECT 1")
    monkeypatch.setattr(connection.connection, "commit", panic)
    with pytest.raises(CommitInDoubt, match=r"may have been kept, or not.*fdatasync"), transaction.atomic():
        execute("SELECT 1")


@pytest.mark.usefixtures("_doubt")
def test_a_commit_stays_in_doubt_while_the_database_does_not_come_back(monkeypatch):
    doubts = counted("commits_in_doubt")
    monkeypatch.setattr(base, "_PATIENCE_SECONDS", 0.4)
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"
    with pytest.raises(CommitInDoubt, match="may have been kept, or not"):
        open_account(["INSERT INTO doubt DEFAULT VALUES"])
    connection.settings_dict["PORT"] = port
    assert counted("commits_in_doubt") == doubts + 1


@pytest.mark.usefixtures("_doubt")
def test_a_commit_stays_in_doubt_where_the_second_run_fails():
    with pytest.raises(CommitInDoubt, match="may have been kept, or not"):
        open_account([LEAVE, "INSERT INTO doubt DEFAULT VALUES"])


def test_inside_another_transaction_nothing_runs_twice():
    with pytest.raises(ConnectionLost), transaction.atomic():
        open_account([LEAVE])
    assert not User.objects.filter(name="Someone").exists()


def test_of_two_that_lock_in_different_order_both_come_through():
    one, other = (User.objects.create_user(email=f"{name}@example.org", name=name).pk for name in "ab")
    both_hold_one = threading.Barrier(2)
    runs = []

    def rename(first, second):
        @retried
        @transaction.atomic
        def operation():
            runs.append(first)
            User.objects.filter(pk=first).update(name=f"after {first}")
            if len(runs) <= 2:
                both_hold_one.wait(timeout=10)
            User.objects.filter(pk=second).update(name=f"after {first}")

        operation()
        connections.close_all()

    threads = [threading.Thread(target=rename, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 3
    assert len(set(User.objects.values_list("name", flat=True))) == 1
