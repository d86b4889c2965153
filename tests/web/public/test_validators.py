"""What tells a visitor that the page they have is the page there is, and each thing that ends that."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from tests.factories.documents import a_document
from tests.factories.learning import a_learner
from tests.factories.pages import AT, a_provider_row, another, offered

from opencme.activities.models import Activity, CatalogueEntry, Series
from opencme.activities.operations import save_series, set_successor, withdraw_activity
from opencme.activities.series_document import SeriesDocument
from opencme.providers.models import Person, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def a_series(*activities):
    document = SeriesDocument(
        uuid=another(99).uuid,
        title="Specimen pain webinars",
        provider="specimen-institute",
        promise="Short recordings.",
        text="About them.",
        objectives=("Listen first",),
        activities=tuple(one.uuid for one in activities),
    )
    return save_series(provider=a_provider_row(), document=document, at=AT)


def catalogue():
    offered()
    return reverse("catalogue")


def series():
    row = a_series(offered())
    return reverse("series", args=[row.uuid, row.slug])


def faculty():
    offered()
    row = Person.objects.get(key="imogen-sample")
    return reverse("faculty", args=[row.uuid, row.slug])


def activity():
    row = offered()
    return reverse("activity", args=[row.uuid, row.slug])


PAGES = (activity, catalogue, series, faculty)
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=[one.__name__ for one in PAGES])


class Visitor:
    """Someone who has the page and asks whether it is still the page."""

    def __init__(self, client, address):
        self.client, self.address = client, address
        first = client.get(address)
        assert first.status_code == 200
        self.validator = first["ETag"]

    def asks(self, **more):
        return self.client.get(self.address, headers={"If-None-Match": self.validator}, **more)

    def has_the_page(self):
        return self.asks().status_code == 304


@EACH_PAGE
def test_the_same_page_is_not_made_again(client, page):
    visitor = Visitor(client, page())
    again = visitor.asks()
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == visitor.validator
    assert again["Cache-Control"] == "no-cache"
    assert "Cookie" in again["Vary"]
    assert client.head(visitor.address)["ETag"] == visitor.validator


@EACH_PAGE
def test_the_day_after_the_last_day_is_another_page(client, page, time_machine):
    visitor = Visitor(client, page())
    time_machine.move_to(datetime(2027, 11, 22, 4, 59, tzinfo=UTC))  # the last minute in New York
    same_day = Visitor(client, visitor.address)
    time_machine.move_to(datetime(2027, 11, 22, 5, 1, tzinfo=UTC))
    assert not visitor.has_the_page()
    assert not same_day.has_the_page()


@EACH_PAGE
def test_another_revision_is_another_page(client, page):
    visitor = Visitor(client, page())
    offered(a_document(title="Another title"))
    assert not visitor.has_the_page()


@EACH_PAGE
def test_a_withdrawn_activity_is_gone_at_once(client, page):
    visitor = Visitor(client, page())
    withdraw_activity(
        activity=Activity.objects.get(), reason="Out of date.", withdrawn_by=None, at=AT, door="test"
    )
    assert not visitor.has_the_page()


@EACH_PAGE
def test_another_provider_record_is_another_page(client, page):
    visitor = Visitor(client, page())
    for row in Provider.objects.all():
        Provider.objects.filter(pk=row.pk).update(record_json=row.record_json | {"time_zone_label": "EST"})
    assert not visitor.has_the_page()


@EACH_PAGE
def test_who_signs_in_gets_a_page_of_their_own(client, page):
    visitor = Visitor(client, page())
    client.force_login(a_learner())
    own = visitor.asks()
    assert own.status_code == 200
    assert "private" in own["Cache-Control"]
    assert own["ETag"] != visitor.validator
    mine = Visitor(client, visitor.address)
    assert mine.has_the_page()
    client.logout()
    assert not mine.has_the_page()


@EACH_PAGE
def test_one_account_never_has_the_page_of_another(client, page):
    address = page()
    client.force_login(a_learner())
    first = Visitor(client, address)
    client.force_login(a_learner())
    assert not first.has_the_page()


@EACH_PAGE
@pytest.mark.parametrize("name", ["OPENCME_SITE_NAME", "OPENCME_OFFICE_EMAIL"])
def test_what_the_house_says_of_itself_counts(client, page, settings, name):
    visitor = Visitor(client, page())
    setattr(settings, name, "other@house.example")
    assert not visitor.has_the_page()


def test_what_is_asked_of_the_catalogue_counts(client):
    visitor = Visitor(client, catalogue())
    asked = client.get(visitor.address + "?q=pain", headers={"If-None-Match": visitor.validator})
    assert asked.status_code == 200


def test_a_new_activity_or_series_is_another_catalogue(client):
    visitor = Visitor(client, catalogue())
    row = offered(another(3))
    assert not visitor.has_the_page()
    visitor = Visitor(client, visitor.address)
    a_series(row)
    assert not visitor.has_the_page()


def test_an_activity_that_changes_its_choices_only_is_another_catalogue(client):
    for number in range(25):
        offered(another(number))
    visitor = Visitor(client, reverse("catalogue"))
    last = CatalogueEntry.objects.order_by("released_on", "pk").first()  # on the second page
    CatalogueEntry.objects.filter(pk=last.pk).update(topics=["unheard of"])
    assert not visitor.has_the_page()


def test_words_and_order_of_a_series_count(client):
    one, two = offered(another(1)), offered(another(2))
    row = a_series(one, two)
    visitor = Visitor(client, reverse("series", args=[row.uuid, row.slug]))
    Series.objects.update(text="Other words.")
    assert not visitor.has_the_page()
    visitor = Visitor(client, visitor.address)
    a_series(two, one)
    assert not visitor.has_the_page()


def test_a_person_as_printed_last_counts(client):
    visitor = Visitor(client, faculty())
    offered(another(4))
    assert not visitor.has_the_page()
    visitor = Visitor(client, visitor.address)
    for row in Person.objects.all():
        Person.objects.filter(pk=row.pk).update(printed_json=row.printed_json | {"biography": "Longer."})
    assert not visitor.has_the_page()


def test_a_later_last_day_is_another_page(client):
    visitor = Visitor(client, activity())
    Activity.objects.update(start_until=date(2027, 12, 24))
    assert not visitor.has_the_page()


def test_the_successor_and_its_title_count(client, time_machine):
    address, later = activity(), offered(another(5))
    row = Activity.objects.order_by("pk").first()
    time_machine.move_to(datetime(2027, 12, 1, 15, tzinfo=UTC))
    visitor = Visitor(client, address)
    set_successor(activity=row, successor=later, set_by=None, door="test", at=AT)
    assert not visitor.has_the_page()
    visitor = Visitor(client, address)
    CatalogueEntry.objects.filter(activity=later).update(title="A new title")
    assert not visitor.has_the_page()


def test_the_series_that_names_the_activity_counts(client):
    visitor = Visitor(client, activity())
    a_series(Activity.objects.get())
    assert not visitor.has_the_page()


def test_a_profession_chosen_counts_and_is_kept_each_time(client):
    address = activity()
    visitor = Visitor(client, address)
    chosen = client.get(address + "?profession=nurse")
    assert chosen.cookies
    assert not visitor.has_the_page()
    again = client.get(address + "?profession=nurse", headers={"If-None-Match": chosen["ETag"]})
    assert again.cookies


@pytest.mark.parametrize("name", ["accessibility", "help", "privacy", "sitemap"])
def test_pages_about_the_site_have_validators_too(client, name, settings):
    offered()
    visitor = Visitor(client, reverse(name))
    assert visitor.has_the_page()
    settings.OPENCME_BASE_URL = "https://elsewhere.example"
    assert not visitor.has_the_page()


def test_a_new_activity_is_another_sitemap(client):
    visitor = Visitor(client, reverse("sitemap"))
    offered()
    assert not visitor.has_the_page()


def test_a_message_left_for_a_visitor_with_a_session_is_shown(client):
    address = activity()
    visitor = Visitor(client, address)
    client.cookies["opencme_session"] = "a" * 32  # one that is over
    assert visitor.asks().status_code in (200, 304)
    assert client.get(address)["ETag"] != visitor.validator
