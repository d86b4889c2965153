"""Loading the demonstration: once, current whenever that is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from opencme.activities.models import Activity, Draft, Revision, Series
from opencme.people.queries import owner_of_address
from opencme.providers.models import Provider
from opencme.sample_content.accounts import CLINICIAN, OPERATOR
from opencme.sample_content.models import DemonstrationLoad
from opencme.sample_content.operations import load_demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

LATER = datetime(2029, 3, 1, 12, tzinfo=UTC)
TODAY = date(2029, 3, 1)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demonstration, loaded once for this module and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_demonstration(at=LATER)
        yield
        transaction.set_rollback(True)


def activity_called(start):
    return Activity.objects.get(current_revision__isnull=False, slug__startswith=start)


def test_the_demonstration_is_current_whenever_it_is_first_loaded():
    conversation = activity_called("from-what-is-wrong")
    assert conversation.start_until == TODAY + timedelta(days=364)
    assert conversation.evaluate_and_claim_until == TODAY + timedelta(days=394)


def test_the_expired_activity_can_still_be_claimed_and_names_its_successor():
    sleep = activity_called("sleep-and-pain")
    assert sleep.complete_until == TODAY - timedelta(days=22)
    assert sleep.evaluate_and_claim_until == TODAY + timedelta(days=8)
    assert sleep.successor == activity_called("from-what-is-wrong")


def test_four_activities_are_offered_and_one_stays_a_draft():
    assert Revision.objects.count() == 4
    (draft,) = Draft.objects.filter(activity__current_revision=None)
    assert draft.activity.slug.startswith("starting-the-conversation")
    series = Series.objects.get()
    assert [entry.activity.slug[:8] for entry in series.entries.order_by("position")] == [
        "from-wha",
        "pacing-i",
        "sleep-an",
    ]


def test_the_provider_is_a_specimen():
    assert Provider.objects.get().standing == "demonstration"


def test_both_log_ins_are_there():
    assert owner_of_address(CLINICIAN.email).check_password(CLINICIAN.password)
    assert owner_of_address(OPERATOR.email).is_operator


def test_a_second_start_imports_nothing_and_is_one_look():
    with CaptureQueriesContext(connection) as queries:
        assert not load_demonstration(at=LATER + timedelta(days=400))
    assert len([one for one in queries if "SELECT" in one["sql"]]) == 1
    assert activity_called("from-what-is-wrong").start_until == TODAY + timedelta(days=364)
    assert Revision.objects.count() == 4


def test_a_load_that_was_broken_off_is_taken_up_with_the_same_dates():
    DemonstrationLoad.objects.update(completed_at=None)
    assert load_demonstration(at=LATER + timedelta(days=3))
    assert Revision.objects.count() == 4
    assert activity_called("from-what-is-wrong").start_until == TODAY + timedelta(days=364)
