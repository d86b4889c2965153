"""The disk is full or the database has gone: what was sent is not lost without a word."""

import secrets

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.factories.pages import offered

from opencme.activities.models import ProblemReport
from opencme.core.counting import counted
from opencme.core.databases.errors import CommitInDoubt, ConnectionLost, NotOnDisk, StorageFull
from opencme.people.sessions import SessionStore
from opencme.web.learner.views import errors

REPORT = {"kind": "error", "text": "At minute three the sound is gone. " * 140}


@pytest.fixture
def activity(transactional_db):
    return offered()


@pytest.fixture
def _full_disk(activity):
    """No room for a report; PostgreSQL is told to say so, SQLite has none."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages}")
        else:
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN"
                " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql;"
                " CREATE TRIGGER full_disk BEFORE INSERT ON activities_problemreport"
                " FOR EACH ROW EXECUTE FUNCTION full_disk();"
                " CREATE TRIGGER full_disk BEFORE UPDATE ON django_session"
                " FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA max_page_count = 1073741823")
        else:
            cursor.execute("DROP FUNCTION full_disk CASCADE")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_full_disk")
def test_with_a_full_disk_writing_says_so_and_reading_goes_on(activity):
    client, refusals = Client(raise_request_exception=False), counted("storage_refusals")
    address = reverse("report_problem", args=[activity.uuid])
    answer = client.post(address, REPORT)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    page = answer.content.decode()
    assert "Nothing can be saved right now" in page
    assert "What you sent just now was not saved." in page
    assert counted("storage_refusals") == refusals + 1
    assert client.get(address).status_code == 200
    assert not ProblemReport.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_full_disk")
def test_scripts_get_words_and_a_time_to_come_back(activity):
    client = Client(raise_request_exception=False, headers={"accept": "application/json"})
    answer = client.post(reverse("report_problem", args=[activity.uuid]), REPORT)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json() == {"message": "Nothing can be saved right now"}


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_that_their_session_is_gone_when_the_disk_is_full(request):
    session = SessionStore()
    session.save()
    request.getfixturevalue("_full_disk")
    session["much"] = secrets.token_hex(20_000)
    with pytest.raises(StorageFull):
        session.save()


def said(request, trouble):
    try:
        raise trouble("it is gone")  # noqa: TRY301  a handler asks what is being raised
    except trouble:
        return errors.server_error(request)


@pytest.mark.parametrize(
    ("trouble", "method", "words"),
    [
        (StorageFull, "get", "Try again in a minute."),
        (ConnectionLost, "get", "The database does not answer right now"),
        (ConnectionLost, "post", "was not saved"),
        (CommitInDoubt, "post", "nothing counts twice"),
        (NotOnDisk, "post", "it may be there already, or not"),
    ],
)
def test_the_page_says_what_to_do_without_asking_the_database(trouble, method, words, django_db_blocker):
    with django_db_blocker.block():
        page = said(getattr(RequestFactory(), method)("/somewhere/"), trouble)
    assert page.status_code == 503
    assert words in page.content.decode()
    assert "it is gone" not in page.content.decode()
