"""The catalogue: what is offered today, found and narrowed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.factories.documents import a_document, a_recording_without_certification
from tests.factories.pages import AT, another, offered

from opencme.activities.choices import ActivityType, FeeKind, Listing
from opencme.activities.document import Audience, Fee, RelatedTag
from opencme.activities.operations import withdraw_activity

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(AT)]


def titles(client, query=""):
    page = client.get(reverse("catalogue") + query)
    assert page.status_code == 200
    return [row.entry.title for row in page.context["rows"]]


def test_newest_first_with_credit_time_fee_and_date(client):
    offered(another(1, title="Older", dates=replace(a_document().dates, original_release=date(2025, 1, 1))))
    offered(another(2, title="Newer", dates=replace(a_document().dates, original_release=date(2026, 1, 1))))
    assert titles(client) == ["Newer", "Older"]
    page = client.get(reverse("catalogue")).content.decode()
    for words in ("30 min", "<b>0.5</b> Specimen Category 1 Credit", "Free", "21 Nov 2027</time> (ET)"):
        assert words in page
    assert "Activities you can start today." in page
    assert "Certified activities" not in page


@pytest.mark.parametrize("typed", ["nonopioid", "non-opioid", "non opioid", "NON-OPIOIDS"])
def test_search_knows_spelling_variants(client, typed):
    offered(another(1, title="Non-opioid care"))
    offered(another(2, title="Sleep"))
    assert titles(client, f"?q={typed}") == ["Non-opioid care"]


def test_search_that_finds_nothing_says_what_to_do(client):
    offered()
    page = client.get(reverse("catalogue") + "?q=dermatology")
    assert page.context["rows"] == []
    assert "Nothing fits all of this." in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?specialty=Family medicine", ["One"]),
        ("?topic=Sleep", ["Two"]),
        ("?profession=nurse", ["One", "Two"]),
        ("?profession=pharmacist", ["Two"]),
        ("?type=other", ["Two"]),
        ("?fee=free", ["One"]),
        ("?amount=to-0.5", ["One"]),
        ("?amount=to-1", ["Two"]),
        ("?related=opioids", ["Two"]),
        ("?credit=specimen-category-1", ["One", "Two"]),
        ("?released=90", []),
        ("?released=730", ["One", "Two"]),
        ("?topic=Gone", ["One", "Two"]),
    ],
)
def test_filters(client, query, found):
    one = another(
        1,
        title="One",
        specialties=("Family medicine",),
        topics=("Pain",),
        audience=Audience(professions=("physician", "nurse")),
    )
    two = another(
        2,
        title="Two",
        specialties=("Dermatology",),
        topics=("Sleep",),
        audience=Audience(),
        activity_type=ActivityType.OTHER,
        fee=Fee(kind=FeeKind.AMOUNT, amount_minor=2500),
        related_to=(RelatedTag(key="opioids", label="Opioid education"),),
    )
    two = replace(two, designations=(replace(two.designations[0], maximum=Decimal("0.75")),))
    offered(two)
    offered(one)
    assert sorted(titles(client, query)) == found


def test_a_single_tag_can_be_chosen_already(client):
    tagged = (RelatedTag(key="opioids", label="Opioid education"),)
    offered(another(1, title="Two", related_to=tagged))
    html = client.get(reverse("catalogue")).content.decode()
    assert 'name="related"' in html
    assert 'name="specialty"' not in html


def test_a_recording_without_certification_says_no_credit(client):
    offered(a_recording_without_certification())
    assert "No credit" in client.get(reverse("catalogue")).content.decode()


def test_what_has_expired_is_not_offered_but_reachable(client):
    ended = replace(a_document().dates, start_until=date(2026, 10, 31), complete_until=date(2026, 10, 31))
    offered(another(1, title="Ended", dates=ended))
    assert titles(client) == []
    assert titles(client, "?show=past") == ["Ended"]
    assert "Not certified after" in client.get(reverse("catalogue") + "?show=past").content.decode()


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), ["Last day"]),  # 23:59 in New York
        (datetime(2026, 11, 1, 4, 1, tzinfo=UTC), []),  # 00:01 of the next day
    ],
)
def test_the_last_day_counts_whole_in_the_providers_zone(client, time_machine, now, found):
    last = replace(a_document().dates, start_until=date(2026, 10, 31), complete_until=date(2026, 10, 31))
    offered(another(1, title="Last day", dates=last))
    time_machine.move_to(now)
    assert titles(client) == found


def test_unlisted_and_withdrawn_are_not_shown(client):
    offered(another(1, title="By link only", listing=Listing.UNLISTED))
    withdrawn = offered(another(2, title="Withdrawn"))
    withdraw_activity(activity=withdrawn, reason="", withdrawn_by=None, door="test", at=AT)
    assert titles(client) == []
    assert titles(client, "?show=past") == []


def test_pages_of_twenty(client):
    for number in range(21):
        offered(another(number))
    first = client.get(reverse("catalogue") + "?q=activity")
    assert len(first.context["rows"]) == 20
    assert 'rel="next" href="?q=activity&amp;page=2"' in first.content.decode()
    assert len(client.get(reverse("catalogue") + "?q=activity&page=2").context["rows"]) == 1


@pytest.mark.parametrize("query", ["?page=0", "?page=none", "?amount=x&fee=y", "?q=%00", "?type=', ''"])
def test_senseless_questions_get_a_page(client, query):
    offered()
    assert client.get(reverse("catalogue") + query).status_code == 200


def test_empty_catalogue_says_so(client):
    assert "Nothing is offered yet." in client.get(reverse("catalogue")).content.decode()


def test_as_many_queries_for_fifty_rows_as_for_one(client, django_assert_num_queries):
    offered(another(0))
    with django_assert_num_queries(5):
        client.get(reverse("catalogue"))
    for number in range(1, 50):
        offered(another(number))
    with django_assert_num_queries(5):
        client.get(reverse("catalogue"))
