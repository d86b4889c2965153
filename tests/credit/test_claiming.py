"""Claims: what is granted, what is refused, what is frozen."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories.audit import broken_places
from tests.factories.credit import BASE_URL, certified, claimed, confirmed
from tests.factories.documents import DESIGNATION, a_designation, a_document, a_document_of_three_units
from tests.factories.learning import (
    AT,
    a_learner,
    evaluated,
    minutes,
    passed,
    published,
    reloaded,
    started,
    submitted,
)

from opencme.core.models import AuditEntry, OutboxMail
from opencme.credit.models import Certificate, CreditClaim, ReportPermission
from opencme.credit.operations import (
    ClaimDiffers,
    ClaimNotAllowed,
    NameMissing,
    UndrawableName,
    certify_participation,
    claim_credit,
)
from opencme.credit.printed import PrintedCertificate
from opencme.credit.queries import may_be_reported
from opencme.people.models import User
from opencme.people.operations import open_account, state_qualification

pytestmark = pytest.mark.django_db


def codes(refusal):
    return [reason.code for reason in refusal.value.verdict.blocking]


def printed(certificate):
    return PrintedCertificate.from_json(certificate.printed)


def test_a_claim_freezes_what_was_true_when_it_was_made():
    participation = evaluated(at=minutes(40))
    claim = claimed(participation, at=minutes(50), zone="Europe/Berlin")

    assert claim.amount == Decimal("0.5")
    assert claim.credit_type == "specimen-category-1"
    assert claim.units == ["unit-1"]
    assert (claim.printed_name, claim.printed_letters) == ("Jordan Example", "MD, MPH")
    assert claim.qualification["profession"] == "physician"
    assert claim.attestation == (
        "I, Jordan Example, MD, MPH, personally took part in this activity, and 0.5 matches the part I took."
    )
    assert (claim.completed_on, claim.time_zone) == (date(2026, 11, 22), "Europe/Berlin")
    assert claim.is_specimen


def test_the_day_of_completion_is_the_learners_own():
    late = AT.replace(hour=23)  # 18:00 in New York, midnight in Berlin
    participation = evaluated(passed(started(at=late), at=late), at=late + timedelta(hours=30))

    berlin = claimed(participation, at=late + timedelta(hours=31), zone="Europe/Berlin")

    assert berlin.completed_on == date(2026, 11, 23)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none_gives_way_to_the_providers(zone):
    assert claimed(zone=zone).time_zone == "America/New_York"


def test_a_profession_changed_afterwards_changes_no_claim():
    claim = claimed()
    state_qualification(
        user=claim.participation.learner, profession="nurse", letters="RN", at=AT + timedelta(days=1)
    )

    claim.refresh_from_db()
    assert claim.qualification["profession"] == "physician"
    assert claim.amount == Decimal("0.5")


def test_less_than_the_maximum_can_be_claimed():
    certificate = certified(amount="0.25")

    assert printed(certificate).amount == Decimal("0.25")
    assert printed(certificate).face.amount == "0.25"


@pytest.mark.parametrize(
    ("amount", "code"), [("0.75", "CME046"), ("0", "CME046"), ("0.3", "CME046"), ("-0.25", "CME046")]
)
def test_other_amounts_are_refused_and_leave_nothing(amount, code):
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(amount=amount)

    assert codes(refusal) == [code]
    assert not CreditClaim.objects.exists()
    assert not Certificate.objects.exists()


def test_a_claim_before_the_evaluation_is_refused():
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(passed())

    assert codes(refusal) == ["CME049"]


def test_a_claim_before_the_post_test_says_everything_that_is_missing():
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(started())

    assert codes(refusal) == ["CME048", "CME049", "CME046"]


def test_a_claim_after_the_window_is_refused():
    participation = evaluated()
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(participation, at=AT.replace(year=2028))

    assert codes(refusal) == ["OWN010"]


def test_a_preview_earns_nothing():
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(evaluated(passed(started(is_preview=True))))

    assert codes(refusal) == ["OWN013"]


def test_an_address_that_nobody_confirmed_gets_no_certificate():
    user = open_account(
        address="new@hospital.example", name="Ann", profession="physician", letters="MD", at=AT
    )
    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(evaluated(passed(started(learner=user))))

    assert codes(refusal) == ["OWN011"]


def test_a_nurse_gets_no_physicians_credit_but_a_certificate_of_participation():
    nurse = a_learner(profession="nurse", letters="RN")
    participation = evaluated(passed(started(learner=nurse)))

    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(participation)
    assert codes(refusal) == ["CME045"]

    claim = certify_participation(
        learner=nurse,
        participation=participation.uuid,
        confirmed=confirmed(letters="RN"),
        base_url=BASE_URL,
        at=minutes(5),
    )
    certificate = claim.certificates.get()
    face = printed(certificate).face
    assert (claim.amount, claim.designation, certificate.kind) == (Decimal(0), None, "participation")
    assert face.amount == ""
    assert face.award == "This activity was designated for 0.5 Specimen Category 1 Credit."
    assert "award" not in " ".join(certificate.printed["face"]["statements"]).casefold()


def test_a_certificate_of_participation_is_issued_once_and_not_to_those_who_can_claim():
    nurse = a_learner(profession="nurse", letters="RN")
    participation = evaluated(passed(started(learner=nurse)))
    arguments = {"confirmed": confirmed(), "base_url": BASE_URL, "at": AT}

    first = certify_participation(learner=nurse, participation=participation.uuid, **arguments)
    again = certify_participation(learner=nurse, participation=participation.uuid, **arguments)
    assert again == first

    physician = evaluated(passed(started(published())))
    with pytest.raises(ClaimNotAllowed):
        certify_participation(learner=physician.learner, participation=physician.uuid, **arguments)


def test_the_same_claim_sent_again_returns_the_first_and_another_amount_is_a_conflict():
    participation = evaluated()
    first = claimed(participation)

    assert claimed(participation) == first
    with pytest.raises(ClaimDiffers):
        claimed(participation, amount="0.25")
    assert CreditClaim.objects.count() == Certificate.objects.count() == OutboxMail.objects.count() == 1


def test_nothing_is_left_to_claim_a_second_time():
    participation = evaluated()
    claimed(participation, amount="0.25")

    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(participation, amount="0.25", seq=2)
    assert codes(refusal) == ["CME050"]


@pytest.mark.parametrize("name", ["", "   "])
def test_a_certificate_needs_a_name(name):
    with pytest.raises(NameMissing):
        claimed(name=name)


def test_a_name_that_cannot_be_drawn_is_refused_in_a_sentence():
    with pytest.raises(UndrawableName) as refusal:
        claimed(name="王伟")

    assert str(refusal.value).startswith(
        "The certificate cannot draw 王 伟: it has Latin, Greek and Cyrillic"
    )
    assert not CreditClaim.objects.exists()


def test_a_name_is_tidied_before_it_is_printed():
    assert claimed(name="  Zoe\u0308   Müller ").printed_name == "Zoë Müller"


def test_a_certificate_says_what_the_field_asks_for():
    certificate = certified(at=minutes(60))
    face = printed(certificate).face

    assert face.provider == "Specimen Institute for Medical Learning"
    assert face.certifies == "certifies that"
    assert face.took_part == "took part in the enduring material"
    assert face.title == "Listening first in chronic pain"
    assert face.completed == "completed on 22 Nov 2026 (ET), and as a specimen shows"
    assert (face.amount, face.credit_type) == ("0.5", "Specimen Category 1 Credit")
    assert face.specimen_tag == "SPECIMEN - NO CREDIT"
    assert face.verify_url == f"https://cme.example/verify/{certificate.code}/"
    assert face.verify_label == "cme.example/verify"
    assert len(certificate.code) == 13
    assert certificate.number == f"2026-{certificate.code}"
    assert face.statements[0].startswith("Specimen Institute for Medical Learning is accredited")
    assert face.statements[-1].startswith("Demonstration. Written by software developers")


def test_a_later_edit_of_the_activity_changes_no_certificate():
    certificate = certified()
    before = dict(certificate.printed)
    published(a_document(title="Another title"))

    certificate.refresh_from_db()
    assert certificate.printed == before


def test_permission_to_report_is_asked_each_time_and_dated():
    participation = evaluated()
    claimed(participation, may_report=True)

    permission = ReportPermission.objects.get()
    assert (permission.granted, permission.wording, permission.stated_at) == (True, "report-to-boards-1", AT)
    assert may_be_reported(participation)


def test_without_a_tick_nothing_may_be_reported():
    participation = evaluated()
    claimed(participation)

    assert not may_be_reported(participation)


def test_the_link_leaves_by_mail_once():
    certificate = certified()
    mail = OutboxMail.objects.get()

    assert mail.to == certificate.learner.email
    assert f"https://cme.example/certificates/{certificate.uuid}/" in mail.text
    assert "Listening first" in mail.subject


def test_a_claim_is_in_the_audit_chain_without_a_name():
    claim = claimed()
    entry = AuditEntry.objects.get(event="credit_claimed")

    assert entry.values["amount"] == "0.50" or entry.values["amount"] == "0.5"
    assert entry.values["claim"] == str(claim.uuid)
    assert "Jordan" not in str(entry.values)
    assert broken_places(claim.participation) == ()


def three_units():
    activity = published(a_document_of_three_units())
    return started(activity)


def unit_passed(participation, number, at=AT):
    submitted(participation, f"post-test-{number}", at=at)
    return reloaded(participation)


def test_units_passed_later_add_a_claim_and_the_certificate_gets_the_new_total():
    participation = unit_passed(three_units(), 1)
    participation = evaluated(participation)
    first = claimed(participation, amount="0.25", at=minutes(30))
    code = first.certificates.get().code

    participation = unit_passed(participation, 3, at=minutes(60 * 24 * 3))
    second = claimed(participation, amount="0.25", seq=2, at=minutes(60 * 24 * 3 + 5), name="Ignored")

    assert (second.supplements, second.units, second.printed_name) == (first, ["unit-3"], "Jordan Example")
    versions = Certificate.objects.filter(code=code).order_by("version")
    assert [printed(row).face.amount for row in versions] == ["0.25", "0.5"]
    assert [row.reason for row in versions] == ["", "new_total"]
    assert versions[0].number == versions[1].number
    assert printed(versions[1]).completed_on == date(2026, 11, 25)
    assert printed(versions[1]).issued_on == date(2026, 11, 22)
    assert set(versions[1].claims.all()) == {first, second}


def test_over_all_claims_no_more_than_the_designation_is_granted():
    designation = a_designation(maximum=Decimal("0.75"), requires_pre_test=False)
    participation = three_units()
    for number in (1, 2, 3):
        unit_passed(participation, number)
    participation = evaluated(participation)

    with pytest.raises(ClaimNotAllowed) as refusal:
        claimed(participation, amount="1")
    assert codes(refusal) == ["CME046"]
    assert claimed(participation, amount="0.75").amount == designation.maximum


def test_claims_and_certificates_are_append_only():
    certificate = certified()

    for rows, change in (
        (CreditClaim.objects.all(), {"amount_hundredths": 75}),
        (Certificate.objects.all(), {"number": "1"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete("default")
    certificate.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_two_parallel_claims_give_one_credit():
    participation = evaluated()
    start = threading.Barrier(4)
    results = []

    def press():
        start.wait()
        try:
            results.append(claimed(participation).uuid)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(results) == 4
    assert len(set(results)) == 1
    assert CreditClaim.objects.count() == Certificate.objects.count() == OutboxMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_claims_of_different_amounts_give_one_credit_and_conflicts():
    participation = evaluated()
    start = threading.Barrier(2)
    results = []

    def press(amount):
        start.wait()
        try:
            results.append(claimed(participation, amount=amount).amount)
        except ClaimDiffers:
            results.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[amount]) for amount in ("0.25", "0.5")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert results.count("conflict") == 1
    assert CreditClaim.objects.count() == 1


def test_a_merged_account_cannot_claim_the_same_credit_twice():
    old = a_learner()
    claimed(evaluated(passed(started(learner=old))))
    new = a_learner()
    participation = evaluated(passed(started(learner=new)))
    User.objects.filter(pk=new.pk).update(merged_into=old)

    with pytest.raises(ClaimNotAllowed) as refusal:
        claim_credit(
            learner=old,
            participation=participation.uuid,
            designation=DESIGNATION,
            seq=1,
            amount=Decimal("0.5"),
            confirmed=confirmed(),
            base_url=BASE_URL,
            at=AT,
        )
    assert codes(refusal) == ["CME050"]
