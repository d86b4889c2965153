"""What an office does to a certificate afterwards, and what its learner and the world then see."""

import threading
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.db import connection
from tests.factories.audit import broken_places
from tests.factories.credit import certified, claimed
from tests.factories.learning import AT, evaluated, minutes

from opencme.cli.correct_certificate import command as correct_command
from opencme.cli.revoke_certificate import command as revoke_command
from opencme.core.ids import spaced_code
from opencme.core.models import AuditEntry, OutboxMail
from opencme.credit.choices import CertificateState
from opencme.credit.models import Certificate, CertificateFile, Revocation
from opencme.credit.operations import (
    AlreadyRevoked,
    RetentionNotOver,
    UndrawableName,
    certificate_pdf_of,
    correct_certificate_name,
    require_retention_over,
    resend_certificate,
    revoke_certificate,
)
from opencme.credit.printed import PrintedCertificate
from opencme.credit.queries import verify_code
from opencme.people.operations import create_confirmed_account

pytestmark = pytest.mark.django_db

THREE_DAYS_LATER = minutes(60 * 24 * 3)
TEN_DAYS_LATER = minutes(60 * 24 * 10)


def an_operator():
    return create_confirmed_account(
        address="office@specimen.example", name="Quinn Office", password=None, at=AT, is_operator=True
    )


def corrected(certificate, name="Jordan Sample", letters="MD, MPH", at=THREE_DAYS_LATER):
    return correct_certificate_name(
        code=certificate.code, name=name, letters=letters, by=an_operator(), door="cli", at=at
    )


def revoked(certificate, reason="claimed twice", at=TEN_DAYS_LATER):
    return revoke_certificate(code=certificate.code, reason=reason, by=None, door="cli", at=at)


def test_a_corrected_certificate_is_a_new_version_of_the_same_code():
    first = certified()
    second = corrected(first)

    assert (second.code, second.number, second.version) == (first.code, first.number, 2)
    was, became = (PrintedCertificate.from_json(row.printed) for row in (first, second))
    assert (was.full_name, became.full_name) == ("Jordan Example, MD, MPH", "Jordan Sample, MD, MPH")
    assert became.face == was.face
    assert (became.issued_on, became.changed_on) == (date(2026, 11, 22), date(2026, 11, 25))
    assert list(second.claims.all()) == list(first.claims.all())


def test_a_correction_is_audited_and_mailed_without_the_name_in_the_record():
    certificate = corrected(certified())
    entry = AuditEntry.objects.get(event="certificate_corrected")

    assert entry.values == {"certificate": str(certificate.uuid), "version": 2}
    assert entry.door == "cli"
    assert broken_places(certificate.participation) == ()
    assert str(certificate.uuid) in OutboxMail.objects.latest("pk").text


def test_the_same_name_again_issues_nothing():
    certificate = certified()

    assert corrected(certificate, name="Jordan Example") == certificate
    assert Certificate.objects.count() == 1


def test_a_correction_to_a_name_that_cannot_be_drawn_is_refused():
    with pytest.raises(UndrawableName):
        corrected(certified(), name="王伟")


def test_a_specimen_stays_a_specimen_whatever_is_done_to_it():
    certificate = certified()
    corrected(certificate)

    assert verify_code(certificate.code).state is CertificateState.SPECIMEN


def test_a_revocation_tells_the_learner_and_stands_once():
    certificate = certified()
    revocation = revoked(certificate)

    assert (revocation.code, revocation.reason) == (certificate.code, "claimed twice")
    assert "claimed twice" in OutboxMail.objects.latest("pk").text
    assert AuditEntry.objects.filter(event="certificate_revoked").count() == 1
    with pytest.raises(AlreadyRevoked):
        revoked(certificate)
    with pytest.raises(AlreadyRevoked):
        corrected(certificate)


def test_an_unknown_code_is_nobodys_certificate():
    with pytest.raises(Certificate.DoesNotExist):
        revoke_certificate(code="0" * 13, reason="x", by=None, door="cli", at=AT)


def test_the_link_is_sent_again_at_most_once_a_minute():
    certificate = certified()
    for _ in range(3):
        resend_certificate(certificate=certificate, to="new@hospital.example", at=minutes(5))

    assert OutboxMail.objects.filter(to="new@hospital.example").count() == 1


def test_the_pdf_is_made_at_its_first_request_and_kept(tmp_path):
    certificate = certified()
    assert not CertificateFile.objects.exists()

    first = certificate_pdf_of(certificate=certificate, folder=tmp_path, at=AT)
    later = certificate_pdf_of(certificate=certificate, folder=tmp_path, at=AT + timedelta(days=900))

    assert first == later
    assert CertificateFile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_requests_give_one_file(tmp_path):
    certificate = certified()
    start = threading.Barrier(4)
    files = []

    def fetch():
        start.wait()
        try:
            files.append(certificate_pdf_of(certificate=certificate, folder=tmp_path, at=AT))
        finally:
            connection.close()

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(files) == 4
    assert len(set(files)) == 1
    assert CertificateFile.objects.count() == 1


@pytest.mark.parametrize(("at", "refused"), [(AT.replace(year=2032), True), (AT.replace(year=2033), False)])
def test_records_are_kept_six_years(at, refused):
    participation = claimed(evaluated()).participation
    if refused:
        with pytest.raises(RetentionNotOver, match="22 Nov 2032"):
            require_retention_over(participation=participation, at=at)
    else:
        require_retention_over(participation=participation, at=at)


def run(command, *arguments):
    return CliRunner().invoke(command, list(arguments))


def test_the_command_corrects_a_name():
    certificate = certified()
    an_operator()

    result = run(
        correct_command,
        spaced_code(certificate.code).lower(),
        "--name",
        "Jordan Sample",
        "--by",
        "office@specimen.example",
    )

    assert (result.exit_code, "version 2" in result.output) == (0, True)
    newest = PrintedCertificate.from_json(Certificate.objects.latest("version").printed)
    assert newest.full_name == "Jordan Sample"


@pytest.mark.parametrize(
    ("name", "by", "said"),
    [
        ("王伟", "office@specimen.example", "cannot draw 王 伟"),
        (" ", "office@specimen.example", "needs a name"),
        ("Jordan", "stranger@specimen.example", "no address of an operator"),
    ],
)
def test_the_command_words_its_refusals(name, by, said):
    certificate = certified()
    an_operator()

    result = run(correct_command, certificate.code, "--name", name, "--by", by)

    assert result.exit_code == 1
    assert said in result.output
    assert Certificate.objects.count() == 1


def test_the_command_revokes_once():
    certificate = certified()
    an_operator()
    arguments = (certificate.code, "--reason", "claimed twice", "--by", "office@specimen.example")

    assert run(revoke_command, *arguments).exit_code == 0
    again = run(revoke_command, *arguments)
    assert (again.exit_code, "revoked before" in again.output) == (1, True)
    assert Revocation.objects.get().revoked_by.email == "office@specimen.example"
    assert "No certificate has" in run(revoke_command, "AAAA", *arguments[1:]).output
