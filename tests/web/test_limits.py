"""Limits: nothing is written for nobody without one, and none keeps out who belongs in."""

import re
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from tests.architecture.test_addresses import PAGES, build
from tests.factories.documents import a_document, a_unit
from tests.factories.learning import published, right_answers

from opencme.core.counting import counted
from opencme.core.models import OutboxMail
from opencme.learning.models import Attempt, Participation
from opencme.people.models import User
from opencme.people.operations import create_confirmed_account, open_account
from opencme.web import limits
from opencme.web.limits import client_address

pytestmark = pytest.mark.django_db

ADDRESS, PASSWORD = "jordan@hospital.example", "correct-horse-battery"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_was_counted_before(db, settings):
    settings.EMAIL_BACKEND = "opencme.core.mail.OutboxBackend"
    cache.clear()


@pytest.fixture
def account():
    return create_confirmed_account(address=ADDRESS, name="Jordan", password=PASSWORD, at=timezone.now())


def client_from(address):
    return Client(REMOTE_ADDR=address)


def log_in(client, password=PASSWORD, login=ADDRESS):
    client.post(reverse("account_login"), {"login": login, "password": password})
    return client.get(reverse("csrf")).json()["account"]


def log_out(client):
    client.post(reverse("account_logout"))


# --- every address that nobody may write to ---------------------------------------------------------

SENT_BY_NOBODY = {
    "account_request_login_code": {"email": ADDRESS},
    "account_reset_password": {"email": ADDRESS},
    "account_login": {"login": ADDRESS, "password": "wrong"},
    "account_signup": {
        "email": "n@hospital.example",
        "password1": "horse-battery-1",
        "password2": "horse-battery-1",
    },
    "report_problem": {"kind": "bias", "text": "The dose is wrong.", "email": "a@hospital.example"},
}
WRITES = {"start", "report_problem", "account_request_login_code", "account_reset_password"}


def rows():
    """How many rows each table has; sessions too."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("opencme.")]
    return {model._meta.label: model._base_manager.count() for model in (*ours, Session)}


def send_everywhere():
    """Post as nobody to every address; those that wrote something."""
    _, arguments = build()
    create_confirmed_account(address=ADDRESS, name="Jordan", password=PASSWORD, at=timezone.now())
    wrote = set()
    for name in PAGES:
        browser = Client()
        url = reverse(name, kwargs=arguments.get(name))
        page = browser.get(url)
        sent = dict(SENT_BY_NOBODY.get(name, {}))
        if name == "start":
            block = re.search(r'name="block" value="(\w+)"', page.text)[1]
            sent = {"email": "new@hospital.example", "name": "New", "profession": "physician"}
            sent |= {"letters": "MD", "block": block}
        before = rows()
        browser.post(url, sent)
        if rows() != before:
            wrote.add(name)
    return wrote


def test_what_nobody_may_write_is_known():
    assert send_everywhere() == WRITES


def test_each_of_it_stops_at_a_limit(monkeypatch):
    monkeypatch.setattr(limits, "count_once", lambda windows: [10**9 for _ in windows])
    monkeypatch.setattr(limits, "counts_of", lambda windows: [10**9 for _ in windows])
    assert send_everywhere() == set()


# --- limits that keep nobody out -------------------------------------------------------------------


def test_a_password_cannot_be_tried_for_ever(account):
    attacker = client_from("198.51.100.9")
    before = counted("throttled")
    for _ in range(10):
        assert log_in(attacker, "wrong") is None
    assert log_in(attacker) is None  # even the right one
    assert counted("throttled") == before + 1


def test_whoever_tries_from_elsewhere_does_not_keep_the_owner_out(account):
    for _ in range(12):
        log_in(client_from("198.51.100.9"), "wrong")
    assert log_in(client_from("203.0.113.7")) == str(account.uuid)


def tried_from_everywhere():
    for number in range(101):
        client_from(f"198.51.100.{number}").post(
            reverse("account_login"), {"login": ADDRESS, "password": "wrong"}
        )


def test_many_who_try_from_everywhere_do_not_keep_a_known_browser_out(account):
    owner = client_from("203.0.113.7")
    log_in(owner)
    log_out(owner)
    tried_from_everywhere()
    assert log_in(client_from("192.0.2.1")) is None
    assert log_in(owner) == str(account.uuid)


def test_a_known_browser_counts_for_itself(account):
    owner = client_from("203.0.113.7")
    log_in(owner)
    log_out(owner)
    for _ in range(10):
        log_in(owner, "wrong")
    assert log_in(owner) is None


def test_a_browser_that_says_it_is_known_is_not_believed(account):
    tried_from_everywhere()
    stranger = client_from("192.0.2.1")
    stranger.cookies["opencme_device"] = f"abc.{'0' * 16}:forged"
    assert log_in(stranger) is None


def test_codes_asked_for_elsewhere_do_not_use_up_those_of_the_owner(account):
    for _ in range(5):
        client_from("198.51.100.9").post(reverse("account_request_login_code"), {"email": ADDRESS})
    sent = OutboxMail.objects.count()
    assert sent == 3
    owner = client_from("203.0.113.7")
    owner.post(reverse("account_request_login_code"), {"email": ADDRESS})
    assert OutboxMail.objects.count() == sent + 1


def test_starting_with_somebodys_address_mails_its_owner_three_codes_a_minute():
    activity = published(a_document(), at=timezone.now())
    url = reverse("start", args=[activity.uuid, activity.slug])
    for _ in range(6):
        start(client_from("198.51.100.9"), url, ADDRESS)
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 3
    start(client_from("203.0.113.7"), url, ADDRESS)
    assert OutboxMail.objects.filter(to=ADDRESS).count() == 4


def code_asked_for(network):
    """As Start asks for it, counted and mailed; whether it was."""
    request = RequestFactory(REMOTE_ADDR=network).post("/")
    allowed = limits.is_within_limits(request, "mailed-code", account=ADDRESS)
    open_account(
        address=ADDRESS, name="", profession="nurse", letters="", at=timezone.now(), may_mail=allowed
    )
    return allowed


def asked_for_all_day(networks):
    """From noon to noon, so that two days of the calendar are used up."""
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(24):
            for network in networks * 3:
                code_asked_for(network)
            clock.shift(3600)


@pytest.mark.parametrize("attackers", [1, 2, 7])
def test_a_few_networks_do_not_keep_a_newcomer_from_the_code(attackers):
    asked_for_all_day([f"198.51.100.{number}" for number in range(attackers)])
    activity = published(a_document(), at=NOON)
    url = reverse("start", args=[activity.uuid, activity.slug])
    before = OutboxMail.objects.filter(to=ADDRESS).count()
    with time_machine.travel(NOON + timedelta(days=1), tick=False) as clock:
        newcomer = client_from("203.0.113.7")
        onward = start(newcomer, url, ADDRESS)
        clock.shift(90)
        code_page = reverse("code", args=[onward.url.split("/")[2]])
        newcomer.post(code_page, {"action": "resend"})
    assert OutboxMail.objects.filter(to=ADDRESS).count() == before + 2


def test_what_a_network_is_refused_does_not_count_for_the_others():
    with time_machine.travel(NOON, tick=False):
        assert [code_asked_for("198.51.100.9") for _ in range(60)].count(True) == 3
        assert [code_asked_for(f"203.0.113.{number}") for number in range(21)] == [True] * 21


def test_codes_for_strangers_end_at_forty_a_day():
    with time_machine.travel(NOON, tick=False):
        networks = [f"198.51.100.{number}" for number in range(50)]
        assert [code_asked_for(one) for one in networks].count(True) == 40


def start(client, url, address):
    block = re.search(r'name="block" value="(\w+)"', client.get(url).text)[1]
    sent = {"email": address, "name": "Ann", "profession": "physician", "letters": "MD", "block": block}
    return client.post(url, sent)


# --- whom limits count -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
    ],
)
def test_a_household_is_one_address(address, counted_as):
    assert client_address(RequestFactory(REMOTE_ADDR=address).get("/")) == counted_as


def test_behind_a_trusted_network_addresses_are_not_counted_together(settings):
    settings.OPENCME_TRUSTED_NETWORKS = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    request = RequestFactory(REMOTE_ADDR="192.0.2.10").get("/")
    assert client_address(request) != client_address(request)
    assert client_address(RequestFactory(REMOTE_ADDR="192.0.3.10").get("/")) == "192.0.3.10"


# --- a hospital ------------------------------------------------------------------------------------

CLINICIANS = 500


@pytest.mark.sqlite  # limits are the same on both; the half minute is spent once
def test_five_hundred_clinicians_behind_one_address_sign_in_start_and_submit(monkeypatch):
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    document = a_document(units=(a_unit(pre_test=None),))
    activity = published(document, at=timezone.now())
    url = reverse("start", args=[activity.uuid, activity.slug])
    block = re.search(r'name="block" value="(\w+)"', Client().get(url).text)[1]
    chosen = {f"item-{key}": value for key, value in right_answers(document, "post-test").items()}
    refused = []
    for number, clinician in enumerate(clinicians()):
        client = client_from("203.0.113.1")
        sent = {"login": clinician.email, "password": PASSWORD}
        answers = [client.post(reverse("account_login"), sent), client.post(url, {"block": block})]
        attempt = begun(clinician, document)
        step = reverse("step", args=[attempt.participation.uuid, "post-test"])
        answers.append(client.post(step, chosen | {"attempt": attempt.uuid}))
        refused += [(number, answer.status_code) for answer in answers if answer.status_code != 302]
    assert refused == []
    assert Attempt.objects.filter(passed=True).count() == CLINICIANS


def clinicians():
    hashed = make_password(PASSWORD)
    people = User.objects.bulk_create(
        User(email=f"clinician-{number}@hospital.example", name="Ann", password=hashed)
        for number in range(CLINICIANS)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )
    return people


def begun(clinician, document):
    """The attempt as the page of the test begins it, without drawing that page five hundred times."""
    participation = Participation.objects.get(learner=clinician)
    items = document.step_of["post-test"].items
    return Attempt.objects.create(
        participation=participation,
        step_key="post-test",
        number=1,
        form={"items": list(items), "options": {}},
        items=len(items),
        started_at=timezone.now(),
    )
