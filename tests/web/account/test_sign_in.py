"""Signing in by password or code, a new password, signing out; no page tells who has an account."""

import re
import time
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from opencme.core.models import OutboxMail
from opencme.people.operations import create_confirmed_account, open_account

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "jordan@hospital.example"
PASSWORD = "correct-horse-battery"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_was_counted_before(db):
    cache.clear()


@pytest.fixture(autouse=True)
def _mail_is_a_row(settings):
    """As in an installation; the test runner would put its own door in."""
    settings.EMAIL_BACKEND = "opencme.core.mail.OutboxBackend"


@pytest.fixture
def account():
    return create_confirmed_account(address=ADDRESS, name="Jordan Example", password=PASSWORD, at=AT)


def mailed_code():
    return re.search(r"\b\d{6}\b", OutboxMail.objects.latest("pk").text).group()


def signed_in_as(client):
    return client.get(reverse("csrf")).json()["account"]


def test_password(client, account):
    answer = client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("learning")
    assert "Successfully" not in client.get(reverse("learning")).text
    assert signed_in_as(client) == str(account.uuid)


def test_after_signing_in_one_is_back_where_one_was(client, account):
    answer = client.post(
        reverse("account_login") + "?next=/verify/",
        {"login": ADDRESS, "password": PASSWORD, "next": "/verify/"},
    )
    assert answer.headers["Location"] == "/verify/"


def test_a_wrong_password_and_an_unknown_address_read_alike(client, account):
    wrong = client.post(reverse("account_login"), {"login": ADDRESS, "password": "x"})
    unknown = client.post(reverse("account_login"), {"login": "no@one.example", "password": "x"})
    assert [wrong.status_code, unknown.status_code] == [200, 200]
    assert _said(wrong) == _said(unknown)


def test_a_code_signs_in(client, account):
    answer = client.post(reverse("account_request_login_code"), {"email": ADDRESS})
    assert answer.headers["Location"] == reverse("account_confirm_login_code")
    page = client.get(answer.headers["Location"])
    assert "6" not in _said(page) or mailed_code() not in page.content.decode()
    client.post(reverse("account_confirm_login_code"), {"code": mailed_code()})
    assert signed_in_as(client) == str(account.uuid)


def test_asking_for_a_code_reads_alike_for_an_unknown_address(client, account):
    client.post(reverse("account_request_login_code"), {"email": ADDRESS})
    known = client.get(reverse("account_confirm_login_code"))
    client.cookies.clear()
    client.post(reverse("account_request_login_code"), {"email": "jordan@hospitai.example"})
    unknown = client.get(reverse("account_confirm_login_code"))
    assert known.status_code == unknown.status_code == 200
    assert _said(known).replace("hospital", "hospitai") == _said(unknown)


def test_an_account_that_only_its_browser_holds_cannot_be_entered_by_code(client):
    open_account(address=ADDRESS, name="Jordan", profession="physician", letters="", at=AT)
    client.post(reverse("account_request_login_code"), {"email": ADDRESS})
    newest = OutboxMail.objects.latest("pk")
    assert newest.subject == "No account with this address"


def test_a_new_password_by_code(client, account):
    client.post(reverse("account_reset_password"), {"email": ADDRESS})
    answer = client.post(reverse("account_confirm_password_reset_code"), {"code": mailed_code()}, follow=True)
    answer = client.post(
        answer.request["PATH_INFO"], {"password1": "another-horse-9", "password2": "another-horse-9"}
    )
    client.cookies.clear()
    client.post(reverse("account_login"), {"login": ADDRESS, "password": "another-horse-9"})
    assert signed_in_as(client) == str(account.uuid)


@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password"])
def test_only_so_many_codes_an_hour_go_to_one_address(client, name, monkeypatch):
    """Five tries at each code: without a limit by the hour somebody guesses one in the end."""
    address = f"{name.replace('_', '-')}@hospital.example"
    create_confirmed_account(address=address, name="Jordan", password=PASSWORD, at=AT)
    next_hour = (time.time() // 3600 + 1) * 3600
    for minute in range(20):
        monkeypatch.setattr(time, "time", lambda at=next_hour + 60 * minute + 1: at)
        client.cookies.clear()
        client.post(reverse(name), {"email": address})
    assert OutboxMail.objects.filter(to=address).count() == 8


def test_signing_out_is_asked_and_wipes_what_the_browser_kept(client, account):
    client.force_login(account)
    assert client.get(reverse("account_logout")).status_code == 200
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert signed_in_as(client) is None


def test_there_is_no_sign_up_form(client):
    page = client.get(reverse("account_signup"))
    assert "press Start" in page.content.decode()


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_request_login_code", "account_reset_password", "account_signup"],
)
def test_pages_wear_the_house_style(client, name):
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1>") == 1
    assert 'class="site-footer"' in page


def _said(answer):
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    text = re.sub(r'value="[^"]*@[^"]*"', "", text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
