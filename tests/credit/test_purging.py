"""Whoever closes an account leaves no personal value behind, but where and while the schedule keeps it."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.signals import post_save
from django.test import Client
from tests.factories.audit import broken_places
from tests.factories.credit import claimed
from tests.factories.documents import a_document
from tests.factories.dumps import places_of
from tests.factories.learning import AT, a_learner, another_uuid, evaluated, passed, path, published, started

from opencme.activities.models import ProblemReport
from opencme.activities.operations import report_problem
from opencme.assessment.models import AnonymousResponse
from opencme.core.keeping.audit import verify_audit
from opencme.core.models import AuditEntry, OutboxMail, ReleasedStream
from opencme.credit import purging
from opencme.credit.choices import CertificateState
from opencme.credit.closing import close_learner, kept_after_closing
from opencme.credit.models import Certificate, CertificateFile, CreditClaim
from opencme.credit.operations import (
    DetailsRemoved,
    RetentionNotOver,
    certificate_pdf_of,
    correct_certificate_name,
    release_records,
)
from opencme.credit.purging import PurgeIncomplete, PurgeReport, blank_closed, due_for_purge, purge_due
from opencme.credit.queries import newest_certificate_of, verify_code
from opencme.learning.models import Attempt, HeldEvaluation, Participation
from opencme.learning.operations import begin_attempt, keep_plan, move_held_evaluations
from opencme.people.closing import reopen_account
from opencme.people.models import Closing, User
from opencme.people.operations import (
    confirm_address,
    create_confirmed_account,
    open_account,
    send_address_code,
)
from opencme.people.tasks import forget_expired

NAME, LETTERS, ADDRESS = "Zebedee Quillfeather", "MBZQ", "zq-private@hospital.example"
PERSONAL = ("Zebedee", "Quillfeather", LETTERS, "zq-private", "wiggle my plan")
BASE_URL = "https://cme.example"

BLANKED = AT + timedelta(days=31)
SIX_YEARS_ON = datetime(2032, 11, 24, 12, tzinfo=UTC)

# Where a name is kept for the years in which an accreditor may ask, and nowhere else.
CREDIT_RECORDS = {
    "credit_certificate.printed",
    "credit_certificatefile.pdf",
    "credit_creditclaim.printed_name",
    "credit_creditclaim.printed_letters",
    "credit_creditclaim.qualification",
    "credit_creditclaim.attestation",
}

pytestmark = pytest.mark.django_db


def a_life(tmp_path, *, with_credit=True):
    """Somebody who left traces wherever one can: claim, file, plan, report, mail, codes, session."""
    learner = a_learner(NAME, letters=LETTERS)
    User.objects.filter(pk=learner.pk).update(email=ADDRESS)
    learner.emailaddress_set.update(email=ADDRESS)
    learner.refresh_from_db()
    activity = published()
    if with_credit:
        row = evaluated(passed(started(activity, learner)))
        claim = claimed(row, name=NAME, letters=LETTERS)
        certificate_pdf_of(certificate=newest_certificate_of(claim), folder=tmp_path, at=AT)
    begun = started(published(a_document(uuid=another_uuid(), designations=())), learner)
    begin_attempt(path=path(begun), step_key="pre-test", at=AT)
    keep_plan(participation=begun, text="I will wiggle my plan.", ask_in_days=0, at=AT)
    report_problem(activity=activity, kind="error", text="A slip.", reply_to=ADDRESS, at=AT)
    typed_again = open_account(address=ADDRESS, name=NAME, profession="physician", letters=LETTERS, at=AT)
    code = OutboxMail.objects.filter(to=ADDRESS).latest("pk").subject[:6]
    confirm_address(user=typed_again, digits=code, at=AT)
    elsewhere = open_account(address=ADDRESS, name=NAME, profession="physician", letters=LETTERS, at=AT)
    User.objects.filter(pk=elsewhere.pk).update(date_joined=AT)
    Client().force_login(learner)
    return learner


def close(learner, at=AT):
    return close_learner(user=learner, base_url=BASE_URL, door="web", at=at)


@contextmanager
def receiving(signal, sender, receiver):
    signal.connect(receiver, sender=sender)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=sender)


def test_a_closed_account_keeps_its_values_until_it_is_blanked(tmp_path):
    close(a_life(tmp_path))
    assert purge_due(at=AT + timedelta(days=29)).accounts_blanked == 0
    assert "people_user.name" in places_of(*PERSONAL)


def test_after_blanking_a_name_stands_on_credit_records_alone(tmp_path):
    learner = a_life(tmp_path)
    close(learner)
    assert len(places_of(*PERSONAL)) > len(CREDIT_RECORDS)
    report = purge_due(at=BLANKED)
    forget_expired.func(at=BLANKED)

    assert (report.accounts_blanked, report.never_confirmed) == (2, 1)
    assert places_of(*PERSONAL) == CREDIT_RECORDS
    assert CertificateFile.objects.count() == 1
    assert not Attempt.objects.filter(submitted_at=None).exists()
    assert verify_audit().broken == ()
    assert purge_due(at=BLANKED) == PurgeReport()


def test_after_the_years_of_keeping_nothing_personal_is_anywhere(tmp_path):
    learner = a_life(tmp_path)
    other = claimed().participation
    close(learner)
    purge_due(at=BLANKED)
    forget_expired.func(at=BLANKED)
    assert purge_due(at=SIX_YEARS_ON - timedelta(days=5)).participations_released == 0
    expected = due_for_purge(at=SIX_YEARS_ON)
    report = purge_due(at=SIX_YEARS_ON)

    assert (report.participations_released, report.certificates_blanked) == (2, 1)
    assert (expected.participations_released, expected.certificates_blanked) == (2, 1)
    assert places_of(*PERSONAL) == set()
    assert CertificateFile.objects.filter(certificate__learner=learner).count() == 0
    heads = [*Participation.objects.filter(learner=learner), *User.objects.filter(closings__isnull=False)]
    assert [head.audit_length > 0 for head in heads] == [True] * 5
    assert [broken_places(head) for head in heads] == [()] * 5
    assert not AuditEntry.objects.filter(stream_uuid__in=[head.uuid for head in heads]).exists()
    assert ReleasedStream.objects.count() == 5
    assert AuditEntry.objects.filter(stream_uuid=other.uuid).exists()
    assert verify_audit().broken == ()
    assert purge_due(at=SIX_YEARS_ON) == PurgeReport()


def test_the_certificate_is_verified_before_and_after(tmp_path):
    learner = a_life(tmp_path)
    code = Certificate.objects.get().code
    close(learner)
    purge_due(at=BLANKED)
    assert verify_code(code).state is CertificateState.SPECIMEN
    assert verify_code(code).printed.full_name == f"{NAME}, {LETTERS}"
    purge_due(at=SIX_YEARS_ON)
    assert verify_code(code).state is CertificateState.SPECIMEN
    assert verify_code(code).printed.is_removed
    assert CreditClaim.objects.get().amount_hundredths == 50


def test_a_certificate_without_details_is_not_given_a_name_again(tmp_path):
    close(a_life(tmp_path))
    purge_due(at=BLANKED)
    purge_due(at=SIX_YEARS_ON)
    with pytest.raises(DetailsRemoved):
        correct_certificate_name(
            code=Certificate.objects.get().code, name=NAME, letters="", by=None, door="cli", at=SIX_YEARS_ON
        )


def test_without_credit_nothing_personal_outlives_the_month(tmp_path):
    close(a_life(tmp_path, with_credit=False))
    purge_due(at=BLANKED)
    forget_expired.func(at=BLANKED)
    assert places_of(*PERSONAL) == set()


def test_an_account_never_confirmed_is_blanked_as_it_is_closed():
    learner = open_account(address=ADDRESS, name=NAME, profession="physician", letters=LETTERS, at=AT)
    closing = close(learner)
    assert closing.blanked_at == AT
    assert places_of(*PERSONAL) == set()
    assert not OutboxMail.objects.exists()


def test_whoever_typed_the_address_of_another_takes_no_mail_from_them():
    owner = a_learner()
    claimed(evaluated(passed(started(learner=owner))))
    report_problem(activity=published(), kind="error", text="A slip.", reply_to=owner.email, at=AT)
    stranger = open_account(address=owner.email, name="X", profession="physician", letters="", at=AT)
    before = OutboxMail.objects.filter(to=owner.email).count()
    close(stranger)
    assert OutboxMail.objects.filter(to=owner.email).count() == before - 1
    assert OutboxMail.objects.filter(to=owner.email, key__startswith="certificate:").exists()
    assert ProblemReport.objects.get().reply_to == owner.email


def test_an_account_never_confirmed_is_blanked_after_a_year():
    learner = open_account(address=ADDRESS, name=NAME, profession="physician", letters=LETTERS, at=AT)
    User.objects.filter(pk=learner.pk).update(date_joined=AT)
    assert purge_due(at=AT + timedelta(days=364)).never_confirmed == 0
    assert due_for_purge(at=AT + timedelta(days=366)).never_confirmed == 1
    assert purge_due(at=AT + timedelta(days=366)).never_confirmed == 1
    assert places_of(*PERSONAL) == set()


@pytest.mark.parametrize("is_known", [False, True])
def test_an_account_confirmed_while_others_are_blanked_stays(is_known):
    first = open_account(address="x@hospital.example", name="X", profession="nurse", letters="", at=AT)
    learner = open_account(address=ADDRESS, name=NAME, profession="physician", letters=LETTERS, at=AT)
    code = OutboxMail.objects.get(to=ADDRESS).subject[:6]
    known = create_confirmed_account(address=ADDRESS, name=NAME, password=None, at=AT) if is_known else None
    for number, one in enumerate((first, learner)):
        User.objects.filter(pk=one.pk).update(date_joined=AT + timedelta(hours=number))

    def confirm_meanwhile(**_said):
        if User.objects.get(pk=learner.pk).unconfirmed_address:
            confirm_address(user=learner, digits=code, at=AT)

    with receiving(post_save, Closing, confirm_meanwhile):
        assert purge_due(at=AT + timedelta(days=367)).never_confirmed == 1
    learner.refresh_from_db()
    assert (learner.is_active, learner.name, learner.merged_into) == (True, NAME, known)
    assert known is None or not known.closings.exists()


def test_an_account_opened_again_since_its_closing_was_read_is_not_blanked():
    learner = a_learner(NAME)
    closing = close(learner)
    reopen_account(closing=closing, door="web", at=AT)
    assert blank_closed(closing=closing, at=BLANKED) == PurgeReport()
    learner.refresh_from_db()
    assert (learner.is_active, learner.name) == (True, NAME)


def test_an_account_confirmed_since_it_was_read_can_be_opened_again_for_a_month():
    known = a_learner(NAME)
    learner = open_account(address=known.email, name=NAME, profession="nurse", letters="", at=AT)
    before = User.objects.get(pk=learner.pk)
    confirm_address(user=learner, digits=OutboxMail.objects.get(to=known.email).subject[:6], at=AT)
    closing = close(before)
    assert (closing.user, closing.blank_from) == (known, AT + timedelta(days=30))


def test_records_of_an_open_account_stay():
    learner = claimed().participation.learner
    assert purge_due(at=SIX_YEARS_ON) == PurgeReport(mail_forgotten=1)
    assert Certificate.objects.get(learner=learner).printed != {}


def test_mail_is_forgotten_after_a_month():
    claimed()
    assert purge_due(at=AT + timedelta(days=29)).mail_forgotten == 0
    assert due_for_purge(at=AT + timedelta(days=31)).mail_forgotten == 1
    assert purge_due(at=AT + timedelta(days=31)).mail_forgotten == 1
    assert not OutboxMail.objects.exists()


def test_the_address_on_a_report_goes_a_year_after_the_activity(tmp_path):
    activity = published()
    report = report_problem(activity=activity, kind="error", text="A slip.", reply_to=ADDRESS, at=AT)
    ended = datetime.combine(activity.complete_until, datetime.min.time(), UTC)
    assert purge_due(at=ended + timedelta(days=365)).reply_addresses_blanked == 0
    assert purge_due(at=ended + timedelta(days=367)).reply_addresses_blanked == 1
    report.refresh_from_db()
    assert (report.reply_to, report.text) == ("", "A slip.")


def ended(document=None):
    """The first day after the last one on which anything of it can be handed in."""
    return datetime.combine((document or a_document()).dates.complete_until, datetime.min.time(), UTC)


def test_answers_never_handed_in_go_three_months_after_the_activity():
    handed_in = passed().attempts.count()
    begin_attempt(path=path(started()), step_key="pre-test", at=AT)
    assert purge_due(at=ended() + timedelta(days=90)).drafts_forgotten == 0
    assert due_for_purge(at=ended() + timedelta(days=91)).drafts_forgotten == 1
    assert purge_due(at=ended() + timedelta(days=91)).drafts_forgotten == 1
    assert Attempt.objects.count() == handed_in
    assert verify_audit().broken == ()


@pytest.mark.parametrize("extends", ["the version", "the activity", "for ever"])
def test_answers_that_can_still_be_handed_in_stay(extends):
    document = a_document()
    later = None if extends == "for ever" else document.dates.complete_until + timedelta(days=200)
    longer = replace(document, dates=replace(document.dates, complete_until=later))
    first, second = (document, longer) if extends == "the activity" else (longer, document)
    begin_attempt(path=path(started(published(first))), step_key="pre-test", at=AT)
    published(second)
    assert purge_due(at=ended() + timedelta(days=100)).drafts_forgotten == 0
    gone = purge_due(at=ended() + timedelta(days=291 + 200)).drafts_forgotten
    assert gone == (0 if extends == "for ever" else 1)


def test_an_evaluation_still_held_goes_with_its_account():
    activity = published()
    rows = [evaluated(passed(started(activity, a_learner()))) for _ in range(9)]
    closing = close(rows[0].learner)
    purge_due(at=closing.blank_from - timedelta(days=1))
    assert HeldEvaluation.objects.count() == 9
    purge_due(at=BLANKED)
    assert {one.participation_id for one in HeldEvaluation.objects.all()} == {one.pk for one in rows[1:]}
    assert Participation.objects.get(pk=rows[0].pk).evaluated_at == AT
    assert verify_audit().broken == ()


def test_an_evaluation_that_was_set_free_outlives_every_account():
    activity = published()
    rows = [evaluated(passed(started(activity, a_learner()))) for _ in range(10)]
    move_held_evaluations(at=AT)
    close(rows[0].learner)
    purge_due(at=SIX_YEARS_ON)
    assert AnonymousResponse.objects.count() == 10


def test_no_record_is_released_before_its_time():
    row = claimed().participation
    with pytest.raises(RetentionNotOver):
        release_records(participation=row, at=SIX_YEARS_ON - timedelta(days=5))
    assert not ReleasedStream.objects.exists()


def test_what_is_kept_is_told_before():
    learner = a_learner()
    assert kept_after_closing(learner, at=AT) == ()
    claimed(evaluated(passed(started(learner=learner))))
    kept = kept_after_closing(learner, at=AT)
    assert [(one.rule.key, one.count, one.until.isoformat()) for one in kept] == [
        ("credit", 1, "2032-11-22"),
        ("participation", 1, "2032-11-22"),
    ]


def test_a_new_account_with_the_old_address_is_another_one():
    learner = a_learner()
    address = learner.email
    close(learner)
    newer = open_account(address=address, name="Somebody", profession="physician", letters="", at=AT)
    send_address_code(user=newer, at=AT + timedelta(minutes=2))
    code = OutboxMail.objects.filter(to=address).latest("pk").subject[:6]
    confirmed = confirm_address(user=newer, digits=code, at=AT + timedelta(minutes=2))
    assert (confirmed.account, confirmed.merged) == (newer, None)
    purge_due(at=BLANKED)
    newer.refresh_from_db()
    assert (newer.email, newer.name) == (address, "Somebody")
    assert Closing.objects.get().user == learner


def test_one_run_purges_all_however_many_are_due(monkeypatch):
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    for number in range(5):
        address = f"n{number}@hospital.example"
        open_account(address=address, name="X", profession="nurse", letters="", at=AT)
        close(claimed(evaluated(passed(started(learner=a_learner())))).participation.learner)
    User.objects.exclude(unconfirmed_address="").update(date_joined=AT)
    report = purge_due(at=SIX_YEARS_ON)
    assert (report.never_confirmed, report.accounts_blanked, report.participations_released) == (5, 5, 5)
    assert purge_due(at=SIX_YEARS_ON) == PurgeReport()


def test_accounts_that_cannot_be_purged_hold_up_none_behind_them(monkeypatch):
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    learners = [a_learner(f"Learner {number}") for number in range(5)]
    for learner in learners:
        close(learner)
    stuck = [learner.pk for learner in learners[:3]]
    User.objects.filter(pk__in=stuck).update(audit_length=0)
    with pytest.raises(PurgeIncomplete, match="3 steps") as told:
        purge_due(at=BLANKED)
    assert told.value.report.accounts_blanked == 2


def test_an_account_that_cannot_be_purged_holds_up_no_other():
    stuck, other = a_learner("Stuck"), a_learner("Other")
    for learner in (stuck, other):
        close(learner)
    Closing.objects.filter(user=stuck).update(blank_from=AT)
    User.objects.filter(pk=stuck.pk).update(audit_length=0)  # its next entry has a number that is taken
    with pytest.raises(PurgeIncomplete) as told:
        purge_due(at=BLANKED)
    assert told.value.report.accounts_blanked == 1
    stuck.refresh_from_db()
    other.refresh_from_db()
    assert (stuck.name, other.name) == ("Stuck", "")
