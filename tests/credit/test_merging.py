"""Two accounts turn out to be one person: which participation counts."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from tests.factories.audit import broken_places
from tests.factories.learning import AT, published

from opencme.core.models import OutboxMail
from opencme.credit.merging import confirm_learner, standing_participation
from opencme.credit.models import CreditClaim
from opencme.learning.models import ContentEvidence, Participation
from opencme.learning.operations import start_participation
from opencme.people.operations import CodeNotAccepted, create_confirmed_account, open_account

ADDRESS = "jordan@hospital.example"
LATER = AT + timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def activity():
    return published()


@pytest.fixture
def known():
    return create_confirmed_account(address=ADDRESS, name="Jordan Example", password=None, at=AT)


def newcomer():
    return open_account(address=ADDRESS, name="Jordan Example", profession="physician", letters="MD", at=AT)


def started(learner, activity):
    return start_participation(learner=learner, activity=activity, shown_block_sha256="0" * 64, at=AT)


def confirm(user):
    digits = re.search(r"\b\d{6}\b", OutboxMail.objects.latest("pk").text).group()
    return confirm_learner(user=user, digits=digits, at=LATER)


def go_further(participation):
    ContentEvidence.objects.create(participation=participation, step_key="recording", kind="played", at=AT)


def claim(participation):
    CreditClaim.objects.create(
        participation=participation,
        provider=participation.provider,
        amount_hundredths=50,
        printed_name="Jordan Example",
        qualification={},
        attestation="I took part.",
        claimed_at=AT,
        completed_on=AT.date(),
        time_zone="America/New_York",
    )


def test_without_an_earlier_participation_the_new_one_counts(known, activity):
    user = newcomer()
    participation = started(user, activity)
    assert confirm(user).account == known
    participation.refresh_from_db()
    assert participation.superseded_by is None


def test_the_one_furthest_along_counts(known, activity):
    earlier, user = started(known, activity), newcomer()
    newer = started(user, activity)
    go_further(newer)
    confirm(user)
    earlier.refresh_from_db()
    newer.refresh_from_db()
    assert standing_participation(earlier) == newer
    assert newer.superseded_by is None
    assert newer.content_evidence.count() == 1
    assert broken_places(earlier) == broken_places(newer) == ()


def test_a_claimed_one_counts_before_all(known, activity):
    earlier, user = started(known, activity), newcomer()
    claim(earlier)
    newer = started(user, activity)
    go_further(newer)
    confirm(user)
    newer.refresh_from_db()
    assert newer.superseded_by == earlier
    assert newer.content_evidence.count() == 1


def test_where_both_are_as_far_the_earlier_one_counts(known, activity):
    earlier, user = started(known, activity), newcomer()
    newer = started(user, activity)
    confirm(user)
    newer.refresh_from_db()
    assert newer.superseded_by == earlier


def test_the_learner_of_no_row_changes(known, activity):
    user = newcomer()
    started(user, activity)
    confirm(user)
    assert Participation.objects.filter(learner=user).count() == 1


def test_a_wrong_code_merges_nothing(known, activity):
    started(known, activity)
    user = newcomer()
    started(user, activity)
    user.address_codes.update(digest="no such digest", tries=F("tries"))
    with pytest.raises(CodeNotAccepted):
        confirm(user)
    assert not Participation.objects.exclude(superseded_by=None).exists()
