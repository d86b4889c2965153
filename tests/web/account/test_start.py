"""Start: the same for everybody, in at once, with what was read before on record."""

import re

import pytest
from django.urls import reverse
from tests.factories.documents import a_document
from tests.factories.learning import AT, published

from opencme.core.models import OutboxMail
from opencme.learning.models import Participation, ShownBlock
from opencme.people.models import User
from opencme.people.operations import create_confirmed_account

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT, tick=False)]

LINES = {
    "email": "Jordan@Hospital.example",
    "name": "Jordan  Example",
    "profession": "physician",
    "letters": "MD, MPH",
}


@pytest.fixture
def activity():
    return published()


def start_page(activity):
    return reverse("start", args=[activity.uuid, activity.slug])


def block_on(page):
    return re.search(r'name="block" value="([0-9a-f]{64})"', page.content.decode()).group(1)


def press_start(client, activity, **lines):
    block = block_on(client.get(start_page(activity)))
    return client.post(start_page(activity), {**LINES, "block": block, **lines})


def test_the_page_carries_all_that_must_be_read_before(client, activity):
    page = client.get(start_page(activity)).content.decode()
    assert "30 min, free, 0.5 Specimen Category 1 Credit" in page
    for needed in ("Disclosures", "Imogen Sample, MD", " passes", "designates"):
        assert needed in page


def test_four_lines_and_one_is_in(client, activity):
    answer = press_start(client, activity)
    participation = Participation.objects.get()
    assert answer.headers["Location"] == reverse("step", args=[participation.uuid, "pre-test"])
    assert participation.learner.name == "Jordan Example"
    assert participation.learner.unconfirmed_address == "jordan@hospital.example"
    assert client.get(reverse("csrf")).json()["account"] == str(participation.learner.uuid)


def test_what_stood_before_start_is_kept_word_for_word(client, activity):
    press_start(client, activity)
    participation = Participation.objects.get()
    kept = ShownBlock.objects.get(sha256=participation.shown_sha256)
    assert "Imogen Sample" in kept.html
    assert participation.shown_at == AT


def test_a_known_and_an_unknown_address_start_alike(client, activity):
    create_confirmed_account(address="jordan@hospital.example", name="Jordan Example", password=None, at=AT)
    known = press_start(client, activity)
    client.cookies.clear()
    unknown = press_start(client, activity, email="someone@else.example")
    assert known.status_code == unknown.status_code == 302
    assert known.headers["Location"][:6] == unknown.headers["Location"][:6] == "/path/"
    assert OutboxMail.objects.count() == 2


def test_a_stale_block_is_shown_again_and_nothing_is_stored(client, activity):
    block = block_on(client.get(start_page(activity)))
    published(a_document(disclosure_statement="Something new to read."))
    answer = client.post(start_page(activity), {**LINES, "block": block})
    assert answer.status_code == 409
    assert "What you read before you start has changed." in answer.text
    assert block_on(answer) != block
    assert "Something new to read." in answer.content.decode()
    assert 'value="Jordan@Hospital.example"' in answer.content.decode()
    assert not User.objects.exists()
    assert not Participation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "", "We need an address"),
        ("email", "jordan", "This does not look like an address"),
        ("name", "", "The certificate needs a name"),
        ("profession", "", "Credit depends on the profession"),
    ],
)
def test_a_mistake_is_said_beside_its_field(client, activity, field, value, sentence):
    answer = press_start(client, activity, **{field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not User.objects.exists()


def test_signed_in_the_page_asks_nothing(client, activity):
    learner = create_confirmed_account(address="j@h.example", name="Jordan", password=None, at=AT)
    client.force_login(learner)
    page = client.get(start_page(activity))
    assert 'name="email"' not in page.content.decode()
    client.post(start_page(activity), {"block": block_on(page)})
    assert Participation.objects.get().learner == learner


def test_starting_twice_is_starting_once(client, activity):
    press_start(client, activity)
    again = press_start(client, activity)
    assert Participation.objects.count() == 1
    assert again.headers["Location"] == reverse("step", args=[Participation.objects.get().uuid, "pre-test"])


def test_not_your_computer(client, activity):
    press_start(client, activity, shared="on")
    assert client.cookies["opencme_session"]["expires"] == ""


def test_a_closed_activity_sends_to_its_page(client, activity):
    activity.withdrawn_at = AT
    activity.save()
    answer = client.get(start_page(activity))
    assert answer.headers["Location"] == reverse("activity", args=[activity.uuid, activity.slug])
