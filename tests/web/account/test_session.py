"""What signing in reads and writes, and the sessions that it begins."""

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse

from opencme.people.operations import create_confirmed_account
from opencme.people.sessions import SessionStore

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "jordan@hospital.example"
PASSWORD = "correct-horse-battery"

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    cache.clear()
    return create_confirmed_account(address=ADDRESS, name="Jordan Example", password=PASSWORD, at=AT)


def test_signing_in_reads_the_account_once_and_writes_the_session_once(
    client, account, django_assert_max_num_queries
):
    with django_assert_max_num_queries(10) as said:
        client.post(reverse("account_login"), {"login": ADDRESS.upper(), "password": PASSWORD})
    tables = ("account_emailaddress", "people_user", "django_session")
    statements = [one["sql"] for one in said if any(f'"{table}"' in one["sql"] for table in tables)]
    assert [one.split()[0] for one in statements] == ["SELECT", "UPDATE", "INSERT"]


def test_signing_in_leaves_the_session_of_before_behind(client, account):
    client.get(reverse("account_login") + "?next=/verify/")
    session = client.session
    session["kept"] = "this"
    session.save()
    before = client.cookies["opencme_session"].value
    client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    after = client.cookies["opencme_session"].value
    assert before != after
    assert list(Session.objects.values_list("session_key", flat=True)) == [after]
    assert client.session["kept"] == "this"


def test_what_is_read_of_a_session_is_a_copy(db):
    written = SessionStore()
    written["kept"] = ["this"]
    written.save()
    SessionStore(written.session_key)["kept"].append("that")
    assert SessionStore(written.session_key)["kept"] == ["this"]


def test_a_session_that_was_tampered_with_is_nobodys(client, account):
    client.force_login(account)
    assert client.get(reverse("learning")).status_code == 200
    row = Session.objects.get()
    payload, _, signature = row.session_data.partition(":")
    row.session_data = f"{payload[:-1]}{'A' if payload[-1] != 'A' else 'B'}:{signature}"
    row.save()
    assert client.get(reverse("learning")).status_code == 302


def test_two_new_sessions_are_two(db):
    first, second = SessionStore(), SessionStore()
    first["one"] = 1
    first.save()
    second["two"] = 2
    second.save()
    assert first.session_key != second.session_key
    assert dict(SessionStore(first.session_key).items()) == {"one": 1}
    assert dict(SessionStore(second.session_key).items()) == {"two": 2}


def test_a_session_begun_by_name_holds_what_is_put_in(db):
    store = SessionStore()
    store.create()
    store["kept"] = "this"
    store.save()
    store["kept"] = "that"
    store.save()
    assert SessionStore(store.session_key)["kept"] == "that"
