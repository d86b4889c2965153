"""Transcripts and verification, on specimen and on real credit."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.credit import certified
from tests.factories.documents import a_designation, a_document
from tests.factories.learning import (
    AT,
    a_learner,
    another_uuid,
    evaluated,
    minutes,
    passed,
    published,
    started,
)
from tests.factories.providers import an_accredited_provider

from opencme.core.ids import spaced_code
from opencme.credit.choices import CertificateState, ReissueReason
from opencme.credit.operations import correct_certificate_name, revoke_certificate
from opencme.credit.queries import (
    Total,
    certificate_of,
    certificates_of,
    transcript_from,
    verify_code,
    verify_codes,
)
from opencme.people.models import User
from opencme.providers.models import Provider
from opencme.providers.operations import create_provider

pytestmark = pytest.mark.django_db


def a_real_activity(**changes):
    """An activity that stands for credit: an accredited provider and the AMA's credit."""
    record = an_accredited_provider()
    if not Provider.objects.filter(key=record.key).exists():
        create_provider(record=record, at=AT)
    document = a_document(
        uuid=another_uuid(),
        provider=record.key,
        designations=(a_designation(uuid=another_uuid(), credit_type="ama-pra-category-1"),),
        **changes,
    )
    return published(document)


def real_certificate(learner=None, at=AT, **changes):
    activity = a_real_activity()
    participation = evaluated(passed(started(activity, learner, at=at), at=at), at=at)
    designation = activity.designations.get().uuid
    return certified(participation, designation=designation, at=at, **changes)


def test_the_transcript_totals_each_credit_type_and_a_specimen_counts_nothing():
    learner = a_learner()
    real_certificate(learner)
    real_certificate(learner, amount="0.25")
    certified(evaluated(passed(started(learner=learner))))

    transcript = transcript_from(certificates_of(learner))

    assert len(transcript.records) == 3
    assert transcript.totals == (
        Total("ama-pra-category-1", "AMA PRA Category 1 Credit™", Decimal("0.75"), Decimal(0)),
        Total("specimen-category-1", "Specimen Category 1 Credit", Decimal(0), Decimal("0.5")),
    )


def test_a_range_takes_both_its_days_in():
    learner = a_learner()
    certified(evaluated(passed(started(learner=learner))))
    day = date(2026, 11, 22)

    assert len(transcript_from(certificates_of(learner), since=day, until=day).records) == 1
    assert transcript_from(certificates_of(learner), since=date(2026, 11, 23)).records == ()
    assert transcript_from(certificates_of(learner), until=date(2026, 11, 21)).records == ()


def test_a_revoked_certificate_stays_in_the_list_and_counts_nothing():
    learner = a_learner()
    certificate = real_certificate(learner)
    revoke_certificate(code=certificate.code, reason="claimed twice", by=None, door="cli", at=minutes(9))

    (record,) = transcript_from(certificates_of(learner)).records
    assert (record.is_revoked, record.counted) == (True, Decimal(0))
    assert transcript_from(certificates_of(learner)).totals == ()


def test_only_the_newest_version_is_listed_and_older_addresses_lead_to_it():
    learner = a_learner()
    first = real_certificate(learner)
    second = correct_certificate_name(
        code=first.code, name="Jordan Sample", letters="", by=None, door="cli", at=minutes(9)
    )

    assert [record.certificate for record in certificates_of(learner)] == [second]
    assert certificate_of(learner, first.uuid).certificate == second
    assert certificate_of(a_learner(), first.uuid) is None


def test_what_a_merged_account_earned_is_in_the_transcript():
    known, new = a_learner(), a_learner()
    real_certificate(new)
    User.objects.filter(pk=new.pk).update(merged_into=known)

    assert len(transcript_from(certificates_of(known)).records) == 1


def test_nobody_sees_another_persons_certificates():
    real_certificate()

    assert transcript_from(certificates_of(a_learner())).records == ()


def test_a_code_is_verified_however_it_is_typed():
    certificate = real_certificate()
    typed = spaced_code(certificate.code).lower().replace("0", "o").replace("1", "l")
    verified = verify_code(f"  {typed} ")

    assert verified.state is CertificateState.VALID
    assert verified.printed.full_name == "Jordan Example, MD, MPH"
    assert verified.printed.face.credit_type == "*AMA PRA Category 1 Credit*™"


def test_a_corrected_certificate_says_what_was_and_when():
    first = real_certificate()
    correct_certificate_name(
        code=first.code, name="Jordan Sample", letters="MD", by=None, door="cli", at=minutes(60 * 24)
    )
    verified = verify_code(first.code)

    assert verified.state is CertificateState.CORRECTED
    (change,) = verified.corrections
    assert change.reason is ReissueReason.NAME_CORRECTED
    assert (change.on, change.before, change.after) == (
        date(2026, 11, 23),
        "Jordan Example, MD, MPH",
        "Jordan Sample, MD",
    )


def test_a_revoked_certificate_says_when_and_why():
    certificate = real_certificate()
    revoke_certificate(
        code=certificate.code, reason="claimed twice", by=None, door="cli", at=minutes(60 * 24)
    )
    verified = verify_code(certificate.code)

    assert verified.state is CertificateState.REVOKED
    assert (verified.revoked_on, verified.revocation.reason) == (date(2026, 11, 23), "claimed twice")


def test_a_specimen_is_never_valid():
    assert verify_code(certified().code).state is CertificateState.SPECIMEN


@pytest.mark.parametrize(
    ("typed", "length_is_off", "has_a_slip"),
    [("7K3M", True, True), ("7K3M9QTX2VHNC", False, True), ("", True, True)],
)
def test_a_code_that_is_none_says_what_is_odd_about_it(typed, length_is_off, has_a_slip):
    verified = verify_code(typed)

    assert verified.state is CertificateState.NOT_FOUND
    assert (verified.length_is_off, verified.has_a_slip) == (length_is_off, has_a_slip)


def test_a_single_slip_in_a_code_is_always_noticed():
    code = certified().code
    for place in range(len(code)):
        for character in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if character != code[place]:
                slipped = code[:place] + character + code[place + 1 :]
                assert verify_code(slipped).has_a_slip


def test_a_list_of_codes_takes_two_queries_and_keeps_its_order():
    first, second = certified(), real_certificate()
    with CaptureQueriesContext(connection) as queries:
        states = [one.state for one in verify_codes([second.code, "7K3M", first.code])]

    assert states == [CertificateState.VALID, CertificateState.NOT_FOUND, CertificateState.SPECIMEN]
    assert len(queries) == 2


def test_a_real_certificate_awards_in_the_fields_own_words():
    certificate = real_certificate(amount="0.25")
    face = certificate.printed["face"]

    assert face["took_part"] == "has participated in the enduring material titled"
    assert face["completed"] == "on 22 Nov 2026 (ET) and is awarded"
    assert (face["amount"], face["credit_type"]) == ("0.25", "*AMA PRA Category 1 Credit*™")
    assert face["specimen_tag"] == ""
    assert not any("Demonstration" in statement for statement in face["statements"])
