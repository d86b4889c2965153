"""Drafts and revisions: what is saved changes, what is published never does."""

import threading
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories.audit import broken_places
from tests.factories.documents import a_designation, a_document, a_document_of_three_units
from tests.factories.learning import AT, a_provider_row

from opencme.activities.choices import Listing
from opencme.activities.document import canonical_json, read_document
from opencme.activities.models import (
    Activity,
    CatalogueEntry,
    CreditDesignation,
    Draft,
    Revision,
    RoleAssignment,
)
from opencme.activities.operations import (
    ActivityWithdrawn,
    AnotherProvidersActivity,
    DesignationTaken,
    NothingToPublish,
    publish_activity,
    save_draft,
    set_successor,
    slug_of,
    withdraw_activity,
)
from opencme.core.models import AuditEntry
from opencme.people.operations import create_confirmed_account
from opencme.providers.models import Person

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)


def an_operator():
    return create_confirmed_account(
        address="office@specimen.example", name="Office", password=None, at=AT, is_operator=True
    )


def drafted(document=None, *, at=AT, **changes):
    document = document or a_document(**changes)
    return save_draft(provider=a_provider_row(), document=document, saved_by=None, at=at)


def publish(activity, *, by=None, at=AT):
    return publish_activity(
        activity=activity,
        published_by=by or an_operator(),
        door="cli",
        at=at,
        render_snapshot=lambda document, provider: f"{document.title} / {provider.key}",
    )


def events(activity):
    return list(
        AuditEntry.objects.filter(stream_uuid=activity.uuid)
        .order_by("number")
        .values_list("event", flat=True)
    )


def test_a_draft_says_what_the_document_says():
    draft = drafted()
    assert read_document(draft.canonical) == a_document()
    assert draft.activity.current_revision is None
    assert events(draft.activity) == ["activity_made", "draft_saved"]


def test_the_same_draft_again_is_left_as_it_is():
    first, second = drafted(), drafted(at=LATER)
    assert second.pk == first.pk
    assert second.saved_at == AT
    assert events(first.activity) == ["activity_made", "draft_saved"]


def test_a_changed_draft_takes_the_place_of_the_other():
    first, second = drafted(), drafted(title="Another title", at=LATER)
    assert (second.pk, second.uuid) == (first.pk, first.uuid)
    assert Draft.objects.get().saved_at == LATER
    assert read_document(Draft.objects.get().canonical).title == "Another title"


def test_an_activity_of_another_provider_is_not_taken_over():
    drafted()
    with pytest.raises(AnotherProvidersActivity):
        save_draft(provider=a_provider_row("elsewhere"), document=a_document(), saved_by=None, at=AT)


def test_publication_freezes_the_draft():
    draft = drafted()
    published = publish(draft.activity)
    revision = published.revision
    assert published.is_new
    assert (revision.number, revision.sha256, revision.schema) == (1, draft.sha256, 1)
    assert revision.canonical == canonical_json(a_document())
    assert revision.snapshot == "Listening first in chronic pain / specimen-institute"
    assert revision.published_door == "cli"
    assert Activity.objects.get().current_revision == revision


def test_a_revision_is_never_changed():
    revision = publish(drafted().activity).revision
    with pytest.raises(DatabaseError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(number=7)
    with pytest.raises(DatabaseError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).delete()


def test_publishing_the_same_again_makes_no_revision():
    operator = an_operator()
    first = publish(drafted().activity, by=operator)
    again = publish(first.revision.activity, by=operator, at=LATER)
    assert not again.is_new
    assert again.revision == first.revision
    assert events(first.revision.activity) == ["activity_made", "draft_saved", "published"]


def test_a_changed_draft_becomes_the_next_revision():
    operator = an_operator()
    first = publish(drafted().activity, by=operator).revision
    drafted(title="Another title", at=LATER)
    second = publish(first.activity, by=operator, at=LATER).revision
    assert second.number == 2
    first.refresh_from_db()
    assert read_document(first.canonical).title == "Listening first in chronic pain"
    assert Activity.objects.get().slug == "another-title"
    assert not broken_places(Activity.objects.get())


def test_what_was_published_without_approval_says_so():
    operator = an_operator()
    publish(drafted().activity, by=operator)
    entry = AuditEntry.objects.get(event="published")
    assert (entry.by, entry.door) == (operator.uuid, "cli")
    assert entry.values["approval"] == "published without approval"


def test_nothing_to_publish():
    activity = drafted().activity
    Draft.objects.all().delete()
    with pytest.raises(NothingToPublish):
        publish(activity)


def test_a_page_that_cannot_be_drawn_publishes_nothing():
    activity = drafted().activity

    def broken(document, provider):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_activity(
            activity=activity, published_by=an_operator(), door="cli", at=AT, render_snapshot=broken
        )
    assert not Revision.objects.exists()
    assert Activity.objects.get().current_revision is None


def test_the_window_stands_on_the_activity():
    activity = publish(drafted().activity).revision.activity
    activity.refresh_from_db()
    assert activity.start_until == date(2027, 11, 21)
    assert activity.complete_until == date(2027, 11, 21)
    assert activity.evaluate_and_claim_until == date(2027, 12, 21)


def test_designations_keep_their_rows_over_revisions():
    operator = an_operator()
    activity = publish(drafted().activity, by=operator).revision.activity
    row = CreditDesignation.objects.get()
    assert (row.maximum, row.period) == (Decimal("0.5"), "1")
    drafted(designations=(a_designation(maximum=Decimal("0.25")),), at=LATER)
    publish(activity, by=operator, at=LATER)
    changed = CreditDesignation.objects.get()
    assert (changed.pk, changed.maximum_hundredths) == (row.pk, 25)


def test_a_designation_no_longer_offered_keeps_its_row():
    operator = an_operator()
    activity = publish(drafted().activity, by=operator).revision.activity
    drafted(designations=(), at=LATER)
    publish(activity, by=operator, at=LATER)
    assert CreditDesignation.objects.count() == 1


def test_a_designation_belongs_to_one_activity():
    operator = an_operator()
    publish(drafted().activity, by=operator)
    other = drafted(uuid=uuid4())
    with pytest.raises(DesignationTaken):
        publish(other.activity, by=operator)


def test_roles_follow_the_current_revision_and_people_stay():
    operator = an_operator()
    activity = publish(drafted().activity, by=operator).revision.activity
    people = {person.key: person for person in Person.objects.all()}
    assert set(people) == {"imogen-sample", "quinn-placeholder"}
    first = replace(a_document().people[0], name="Imogen B. Sample")
    drafted(people=(first,), at=LATER)
    publish(activity, by=operator, at=LATER)
    assert [(one.person.key, one.role) for one in RoleAssignment.objects.filter(activity=activity)] == [
        ("imogen-sample", "faculty")
    ]
    newest = Person.objects.get(key="imogen-sample")
    assert newest.uuid == people["imogen-sample"].uuid
    assert (newest.printed_json["name"], newest.slug) == ("Imogen B. Sample", "imogen-b-sample")
    assert Person.objects.count() == 2


def test_the_catalogue_has_one_row_for_an_activity():
    operator = an_operator()
    activity = publish(drafted().activity, by=operator).revision.activity
    drafted(a_document_of_three_units(listing=Listing.UNLISTED, title="Three webcasts"), at=LATER)
    publish(activity, by=operator, at=LATER)
    entry = CatalogueEntry.objects.get()
    assert (entry.title, entry.maximum_hundredths, entry.listed) == ("Three webcasts", 75, False)


def test_a_draft_alone_has_no_row_in_the_catalogue():
    drafted()
    assert not CatalogueEntry.objects.exists()


def test_withdrawal_is_for_good():
    operator = an_operator()
    activity = publish(drafted().activity, by=operator).revision.activity
    withdraw_activity(activity=activity, reason="Outdated.", withdrawn_by=operator, door="cli", at=LATER)
    withdraw_activity(activity=activity, reason="Again.", withdrawn_by=operator, door="cli", at=LATER)
    activity.refresh_from_db()
    assert (activity.withdrawn_at, activity.withdrawn_reason) == (LATER, "Outdated.")
    assert events(activity)[-1] == "withdrawn"
    assert events(activity).count("withdrawn") == 1
    with pytest.raises(ActivityWithdrawn):
        publish(activity, by=operator)
    assert not broken_places(activity)


def test_a_successor_is_of_the_same_provider():
    operator = an_operator()
    activity, successor = drafted().activity, drafted(uuid=uuid4()).activity
    set_successor(activity=activity, successor=successor, set_by=operator, door="cli", at=AT)
    activity.refresh_from_db()
    assert activity.successor == successor
    stranger = save_draft(
        provider=a_provider_row("elsewhere"), document=a_document(uuid=uuid4()), saved_by=None, at=AT
    ).activity
    with pytest.raises(AnotherProvidersActivity):
        set_successor(activity=activity, successor=stranger, set_by=operator, door="cli", at=AT)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("From “what is wrong?” to “what matters?”", "from-what-is-wrong-to-what-matters"),
        ("Ζωή", "activity"),
        ("x" * 79 + " y", "x" * 79),
        (
            "A conversation that is believed " * 3,
            "a-conversation-that-is-believed-a-conversation-that-is-believed-a-conversation",
        ),
        ("pneumono" * 11, ("pneumono" * 11)[:80]),
    ],
)
def test_the_readable_part_of_an_address(title, slug):
    assert slug_of(title) == slug


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_one_activity():
    provider = a_provider_row()
    failures = []

    def save(number):
        try:
            save_draft(provider=provider, document=a_document(title=f"Title {number}"), saved_by=None, at=AT)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the failure
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (Activity.objects.count(), Draft.objects.count()) == (1, 1)
    assert not broken_places(Activity.objects.get())


@pytest.mark.django_db(transaction=True)
def test_two_publications_at_once_make_one_revision():
    operator = an_operator()
    activity = drafted().activity
    outcomes = []

    def go():
        try:
            outcomes.append(publish(activity, by=operator).is_new)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, False, False, True]
    assert Revision.objects.count() == 1
