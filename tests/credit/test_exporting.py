"""What a learner is handed out: whatever hangs on them, in few queries, and of nobody else anything."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.credit import BASE_URL, certified, claimed, confirmed, without_details
from tests.factories.documents import a_document
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

from opencme.activities.operations import report_problem
from opencme.core.models import OutboxMail
from opencme.credit.closing import close_learner
from opencme.credit.exporting import data_archive
from opencme.credit.merging import confirm_learner
from opencme.credit.operations import certify_participation, revoke_certificate
from opencme.credit.purging import purge_due
from opencme.credit.queries import certificates_of
from opencme.learning.models import AttemptGrant, Playback
from opencme.people.closing import reopen_account, send_closing_code
from opencme.people.models import User
from opencme.people.operations import open_account

pytestmark = pytest.mark.django_db

TOLD = {
    "credit.Certificate",
    "credit.CertificateFile",
    "credit.CreditClaim",
    "credit.ReportPermission",
    "credit.Revocation",
    "learning.Attempt",
    "learning.AttemptGrant",
    "learning.ContentEvidence",
    "learning.HeldEvaluation",
    "learning.Participation",
    "learning.ParticipationRevision",
    "learning.Plan",
    "learning.Playback",
    "people.AddressCode",
    "people.Closing",
    "people.Qualification",
    "people.User",
}
NOT_TOLD = {
    "account.EmailAddress": "the account's address once more",
    "account.EmailConfirmation": "empty: codes confirm here",
    "providers.Person": "whom a provider names, as everybody reads it",
    "activities.RoleAssignment": "printed on the activity",
}


@pytest.fixture
def archive_of(tmp_path):
    """The archive of a person; the same folder keeps the same key."""

    def archive(user, *, at=AT):
        return zipfile.ZipFile(io.BytesIO(data_archive(user, folder=tmp_path, at=at)))

    return archive


@pytest.fixture
def told(archive_of):
    return lambda user, **options: json.loads(archive_of(user, **options).read("your-data.json"))


def tables_of(model, known=frozenset()):
    """The names of the tables that hang on rows of `model`, and on those in turn."""
    known |= {model._meta.label}
    for relation in model._meta.related_objects:
        if relation.related_model._meta.label not in known:
            known |= tables_of(relation.related_model, known)
    return known


def certified_in_another_activity(learner):
    document = a_document(uuid=another_uuid())
    row = evaluated(passed(started(published(document), learner)))
    certify_participation(
        learner=learner, participation=row.uuid, confirmed=confirmed(), base_url=BASE_URL, at=AT
    )


def test_every_table_that_hangs_on_an_account_is_told_or_said_why_not():
    assert tables_of(User) == TOLD | NOT_TOLD.keys()


def test_what_was_shown_before_start_is_told_word_for_word(archive_of, told):
    learner = a_learner()
    started(learner=learner, shown_block="<p>Dr. Ø discloses nothing.</p>", at=minutes(1))
    (participation,) = told(learner)["participations"]
    shown = participation["shown_before_start"]
    assert shown["at"] == minutes(1).isoformat()
    assert "<p>Dr. Ø discloses nothing.</p>" in archive_of(learner).read(shown["file"]).decode()
    assert participation["versions"] == [{"version": 1, "since": minutes(1).isoformat(), "reason": "start"}]
    assert (participation["certification_period"], participation["is_preview"]) == ("1", False)


def test_when_something_was_played_and_read_is_told(told):
    row = started()
    Playback.objects.create(
        participation=row,
        step_key="recording",
        position=12.5,
        first_beat_at=minutes(1),
        last_beat_at=minutes(2),
        first_read_at=minutes(3),
        last_read_at=minutes(4),
    )
    (played,) = told(row.learner)["participations"][0]["played"]
    assert played["goes_on_at_second"] == 12.5
    times = [played[key] for key in ("first_played_at", "last_played_at", "first_read_at", "last_read_at")]
    assert times == [minutes(value).isoformat() for value in (1, 2, 3, 4)]


def test_when_an_attempt_was_granted_is_told(told):
    row, operator = started(), a_learner("Quinn Office", is_operator=True)
    AttemptGrant.objects.create(
        participation=row,
        step_key="post-test",
        reason="power cut",
        granted_by=operator,
        granted_at=minutes(1),
    )
    (granted,) = told(row.learner)["participations"][0]["granted_attempts"]
    assert granted == {
        "step": "post-test",
        "more": 1,
        "reason": "power cut",
        "granted_at": minutes(1).isoformat(),
    }


def test_an_evaluation_that_waits_is_told_with_what_may_go_with_it(told):
    row = evaluated()
    held = told(row.learner)["participations"][0]["evaluation_not_yet_set_free"]
    assert (held["step"], held["profession_group"], held["month"]) == ("evaluation", "physician", "2026-11")


def test_a_revocation_and_the_words_of_a_permission_are_told(told):
    operator = a_learner("Quinn Office", is_operator=True)
    certificate = certified(evaluated(), may_report=True)
    revoke_certificate(code=certificate.code, reason="claimed twice", by=operator, door="cli", at=minutes(1))
    text = json.dumps(told(certificate.learner))
    (participation,) = json.loads(text)["participations"]
    (version,) = participation["certificates"]
    assert version["revoked"] == [{"at": minutes(1).isoformat(), "reason": "claimed twice"}]
    assert (version["kind"], version["issued_at"]) == ("credit", AT.isoformat())
    (permission,) = participation["permission_to_report_to_boards"]
    assert permission == {"granted": True, "wording": "report-to-boards-1", "stated_at": AT.isoformat()}
    assert "Quinn" not in text
    assert str(operator.uuid) not in text


def test_codes_and_closings_are_told(told):
    learner = a_learner()
    address = learner.email
    send_closing_code(user=learner, at=minutes(1))
    closing = close_learner(user=learner, base_url=BASE_URL, door="web", at=minutes(2))
    reopen_account(closing=closing, door="web", at=minutes(3))
    learner.refresh_from_db()
    (account,) = told(learner)["accounts"]
    (code,) = account["codes_mailed"]
    assert (code["to"], code["for"], code["sent_at"]) == (address, "close", minutes(1).isoformat())
    (made,) = account["closings"]
    assert (made["closed_at"], made["opened_again_at"]) == (minutes(2).isoformat(), minutes(3).isoformat())
    assert OutboxMail.objects.earliest("pk").subject[:6] not in json.dumps(account)


def a_report(activity, reply_to, *, text="The dose is wrong.", at=AT):
    return report_problem(activity=activity, kind="error", text=text, reply_to=reply_to, at=at)


def test_reported_problems_are_told_since_the_address_is_ones_own(told):
    address, activity, later = "desk@hospital.example", published(), AT + timedelta(days=1)
    a_report(activity, address, text="Of whoever had the address before.")
    learner = open_account(address=address, name="X", profession="nurse", letters="", at=later)
    a_report(activity, address, text="Not confirmed yet.", at=later)
    assert told(learner)["problems_reported"] == []
    code = OutboxMail.objects.get(key__startswith="code:").subject[:6]
    learner = confirm_learner(user=learner, digits=code, at=later + timedelta(minutes=1)).account
    made = a_report(activity, address, at=later + timedelta(minutes=2))
    a_report(activity, "other@hospital.example", text="Of somebody else.", at=later + timedelta(minutes=2))
    a_report(activity, "", text="Of nobody.", at=later + timedelta(minutes=2))
    (report,) = told(learner)["problems_reported"]
    assert report == {
        "report": str(made.uuid),
        "activity": str(activity.uuid),
        "title": a_document().title,
        "kind": "error",
        "text": "The dose is wrong.",
        "answer_to": address,
        "reported_at": made.reported_at.isoformat(),
    }


def test_a_closed_account_is_told_up_to_its_closing_and_names_the_certificate_afterwards(archive_of, told):
    learner = a_learner("Jordan Example")
    address = learner.email
    claimed(evaluated(passed(started(learner=learner))))
    close_learner(user=learner, base_url=BASE_URL, door="web", at=minutes(2))
    a_report(published(), address, text="Of a newer account.", at=minutes(3))
    learner.refresh_from_db()
    closed = told(learner, at=minutes(4))
    assert (closed["accounts"][0]["address"], closed["accounts"][0]["closings"][0]["address"]) == (
        "",
        address,
    )
    assert {one["to"] for one in closed["mail"]} == {address}
    assert closed["problems_reported"] == []

    later = AT + timedelta(days=31)
    purge_due(at=later)
    learner.refresh_from_db()
    blanked = archive_of(learner, at=later)
    assert [name for name in blanked.namelist() if name.endswith(".pdf")]
    values = json.loads(blanked.read("your-data.json"))
    assert (values["mail"], values["accounts"][0]["name"]) == ([], "")
    assert values["participations"][0]["certificates"][0]["printed"]["name"] == "Jordan Example"


def test_what_is_left_after_the_time_of_keeping_is_told(archive_of):
    certificate = certified()
    without_details(certificate)
    archive = archive_of(certificate.learner)
    assert not [name for name in archive.namelist() if name.endswith(".pdf")]
    (participation,) = json.loads(archive.read("your-data.json"))["participations"]
    assert participation["certificates"][0]["code"] == certificate.code


def test_many_activities_cost_as_many_queries_as_one(archive_of):
    """But for the signed PDFs, of which each is kept in a row of its own."""

    def statements():
        archive_of(learner)  # draws what was never asked for
        with CaptureQueriesContext(connection) as queries:
            archive_of(learner)
        return len(queries) - len(certificates_of(learner))

    learner = a_learner(profession="nurse", letters="RN")
    certified_in_another_activity(learner)
    one = statements()
    for _ in range(3):
        certified_in_another_activity(learner)
        a_report(published(), learner.email)
    assert statements() == one
