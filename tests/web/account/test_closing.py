"""Closing one's account: told what is kept, confirmed, signed out everywhere, and the way back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests.factories.credit import certified
from tests.factories.learning import AT, a_learner, evaluated, passed, started

from opencme.core.models import OutboxMail
from opencme.credit.purging import purge_due
from opencme.people.models import Closing, User
from opencme.people.operations import create_confirmed_account, open_account

pytestmark = pytest.mark.django_db

PAGE = reverse("close_account")
PASSWORD = "correct horse battery"


@pytest.fixture
def learner():
    return create_confirmed_account(
        address="leaver@hospital.example", name="Jordan Example", password=PASSWORD, at=AT
    )


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


def newest_mail():
    return OutboxMail.objects.latest("pk")


def way_back():
    return re.search(r"https?://[^/]+(/account/open-again/\S+)", newest_mail().text).group(1)


def test_it_says_what_is_kept_until_when_and_why(client):
    learner = a_learner()
    certified(evaluated(passed(started(learner=learner))))
    client.force_login(learner)
    with time_machine.travel(AT, tick=False):
        text = " ".join(client.get(PAGE).content.decode().split())

    assert "Until 22 Dec 2026 you can open it again" in text
    assert "1 certificate and its claim, with the name printed on it, until 22 Nov 2032." in text
    assert "Accreditors may ask providers for years who took part" in text
    assert "What you did in 1 activity, without your name, until 22 Nov 2032." in text


def test_the_password_closes_it_and_every_session(signed_in, learner):
    elsewhere = Client()
    elsewhere.force_login(learner)
    answer = signed_in.post(PAGE, {"password": PASSWORD})

    assert answer.url == reverse("account_closed")
    assert answer["Clear-Site-Data"] == '"storage"'
    assert signed_in.get(answer.url).status_code == 200
    for browser in (signed_in, elsewhere):
        assert browser.get(reverse("learning")).status_code == 302
    assert newest_mail().to == "leaver@hospital.example"


def test_a_mailed_code_closes_it(client):
    learner = a_learner()
    client.force_login(learner)
    before = client.get(PAGE).content.decode()
    assert "Mail me a code" in before
    assert not [asked for asked in ("Your password", "6-digit code") if asked in before]
    client.post(PAGE, {"action": "code"})
    code = newest_mail().subject[:6]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "The code does not match." in client.post(PAGE, {"code": wrong}).content.decode()
    assert client.post(PAGE, {"code": code}).url == reverse("account_closed")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "something else"}, "This is not the password of your account."),
        ({"code": "123456"}, "This shows that it is you."),
        ({}, "This shows that it is you."),
    ],
)
def test_without_proof_nothing_is_closed(signed_in, typed, said):
    answer = signed_in.post(PAGE, typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Closing.objects.exists()


def test_a_closed_account_is_signed_in_to_by_no_door(client, signed_in, learner):
    signed_in.post(PAGE, {"password": PASSWORD})
    fresh = Client()
    said = {"login": "leaver@hospital.example", "password": PASSWORD}
    assert fresh.post(reverse("account_login"), said).status_code == 200
    fresh.post(reverse("account_request_login_code"), {"email": "leaver@hospital.example"})
    fresh.post(reverse("account_reset_password"), {"email": "leaver@hospital.example"})
    mails = OutboxMail.objects.filter(to="leaver@hospital.example").exclude(key__startswith="closed:")
    assert not [mail for mail in mails if re.search(r"\b\d{6}\b", mail.subject + mail.text)]
    assert fresh.get(reverse("learning")).status_code == 302


def test_somebody_without_a_password_is_not_closed_by_a_bare_post(client):
    client.force_login(a_learner())
    answer = client.post(PAGE)
    assert answer.status_code == 422
    assert "This shows that it is you." in answer.content.decode()
    assert not Closing.objects.exists()


def test_an_operator_who_is_the_last_is_told_why(client):
    operator = create_confirmed_account(
        address="o@hospital.example", name="O", password=PASSWORD, at=AT, is_operator=True
    )
    client.force_login(operator)
    answer = client.post(PAGE, {"password": PASSWORD})
    assert answer.status_code == 422
    assert "This is the last account of an operator." in answer.content.decode()


def test_guessing_the_password_here_is_limited(signed_in):
    answers = [signed_in.post(PAGE, {"password": "guess"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_mailed_link_opens_it_again(signed_in, learner):
    signed_in.post(PAGE, {"password": PASSWORD})
    link = way_back()
    fresh = Client()
    assert "Open my account again" in fresh.get(link).content.decode()
    assert not User.objects.get(pk=learner.pk).is_active

    assert fresh.post(link).url == reverse("account_login")
    said = {"login": "leaver@hospital.example", "password": PASSWORD}
    assert fresh.post(reverse("account_login"), said).status_code == 302
    assert fresh.get(reverse("your_account")).status_code == 200
    assert signed_in.get(reverse("your_account")).status_code == 302
    assert "Your account is open." in fresh.get(link).content.decode()


def test_the_link_is_good_until_the_account_is_blanked(signed_in, learner):
    signed_in.post(PAGE, {"password": PASSWORD})
    link = way_back()
    late = Closing.objects.get().blank_from + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        assert Client().post(link).status_code == 409
        purge_due(at=late)
        answer = Client().get(link)
    assert "is over" in answer.content.decode()
    assert User.objects.get(pk=learner.pk).name == ""


def test_a_made_up_link_leads_nowhere(client):
    assert client.get(reverse("open_again", args=["made-up"])).status_code == 404
    assert client.post(reverse("open_again", args=["made-up"])).status_code == 404


def test_an_account_never_confirmed_goes_at_once(client):
    user = open_account(address="x@hospital.example", name="X Y", profession="nurse", letters="", at=AT)
    client.force_login(user)
    assert "it is gone at once" in client.get(PAGE).content.decode()
    answer = client.post(PAGE)
    assert answer.url == reverse("account_blanked")
    assert "Nothing is left to sign in to." in client.get(answer.url).content.decode()
    user.refresh_from_db()
    assert (user.name, user.unconfirmed_address, user.is_active) == ("", "", False)
