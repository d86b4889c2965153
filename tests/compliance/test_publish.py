"""Publication asks the rules first, with the installation's own record of the provider."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.factories.documents import a_document
from tests.factories.learning import AT
from tests.factories.providers import a_provider

from opencme.activities.models import Activity, Draft, Revision
from opencme.activities.operations import NothingToPublish, save_draft
from opencme.compliance.operations import PublicationRefused, publish
from opencme.people.operations import create_confirmed_account
from opencme.providers.operations import create_provider

pytestmark = pytest.mark.django_db


def drafted(document, **changes):
    provider = create_provider(record=a_provider(**changes), at=AT)
    return save_draft(provider=provider, document=document, saved_by=None, at=AT).activity


def published(activity, *, at=AT):
    operator = create_confirmed_account(
        address="office@specimen.example", name="Office", password=None, at=AT, is_operator=True
    )
    return publish(
        activity=activity, published_by=operator, door="cli", at=at, render_snapshot=lambda *_: "<p>page</p>"
    )


def codes(refused):
    return {reason.code for reason in refused.value.blocking}


def test_a_clean_draft_is_published():
    outcome = published(drafted(a_document()))
    assert outcome.is_new
    assert Activity.objects.get().current_revision == outcome.revision


def test_a_blocking_finding_stands_against_publication():
    activity = drafted(a_document(references=()))
    with pytest.raises(PublicationRefused) as refused:
        published(activity)
    assert codes(refused) == {"CME017"}
    assert not Revision.objects.exists()


def test_the_record_of_the_installation_is_asked():
    activity = drafted(a_document(), accreditations=())
    with pytest.raises(PublicationRefused) as refused:
        published(activity)
    assert "OWN003" in codes(refused)


def test_a_warning_that_the_provider_raised_blocks():
    document = a_document(contact=replace(a_document().contact, technical=""))
    activity = drafted(document, technical_contact="", raised_to_block=("CME019",))
    with pytest.raises(PublicationRefused) as refused:
        published(activity)
    assert codes(refused) == {"CME019"}


@pytest.mark.parametrize(("hour", "is_published"), [(3, True), (6, False)])
def test_the_day_is_that_of_the_provider(hour, is_published):
    """At 03:00 UTC it is still the day before in New York, the last one of the accreditation."""
    accreditation = replace(a_provider().accreditations[0], until=date(2026, 11, 21))
    activity = drafted(a_document(), accreditations=(accreditation,))
    at = datetime(2026, 11, 22, hour, 0, tzinfo=UTC)
    if is_published:
        assert published(activity, at=at).is_new
    else:
        with pytest.raises(PublicationRefused) as refused:
            published(activity, at=at)
        assert codes(refused) == {"OWN003"}


def test_without_a_draft_there_is_nothing_to_publish():
    activity = drafted(a_document())
    Draft.objects.all().delete()
    with pytest.raises(NothingToPublish):
        published(activity)
