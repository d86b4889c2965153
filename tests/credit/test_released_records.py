"""What the database lets happen to credit records before and after their release, and nothing else."""

import pytest
from django.db import DatabaseError, transaction
from tests.factories.credit import certified
from tests.factories.learning import AT

from opencme.core.releasing import release_stream
from opencme.credit.models import Certificate, CertificateFile, CreditClaim, ReportPermission, Revocation
from opencme.learning.models import Attempt, AttemptGrant, ContentEvidence, ParticipationRevision, Plan

pytestmark = pytest.mark.django_db

BLANKED = {
    Certificate: {"printed": {}},
    CreditClaim: {"printed_name": "", "printed_letters": "", "attestation": "", "qualification": {}},
    Revocation: {"reason": ""},
}
GOES = (
    Attempt,
    AttemptGrant,
    CertificateFile,
    ContentEvidence,
    ParticipationRevision,
    Plan,
    ReportPermission,
)


@pytest.fixture
def certificate():
    made = certified()
    row = made.participation
    CertificateFile.objects.create(certificate=made, pdf=b"%PDF", sha256="0" * 64, rendered_at=AT)
    Revocation.objects.create(code=made.code, certificate=made, reason="claimed twice", revoked_at=AT)
    ContentEvidence.objects.create(participation=row, step_key="recording", kind="played", at=AT)
    AttemptGrant.objects.create(participation=row, step_key="post-test", reason="ill", granted_at=AT)
    ParticipationRevision.objects.create(
        participation=row, revision=row.revision, since=AT, reason="a later date"
    )
    Plan.objects.create(participation=row, text="I will ask first.", kept_at=AT)
    return made


def refuses(change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()
    return True


def test_nothing_goes_before_the_release(certificate):
    for model, values in BLANKED.items():
        for column, blank in values.items():
            assert refuses(lambda m=model, c=column, b=blank: m.objects.update(**{c: b}))
    for model in GOES:
        assert model.objects.exists()
        assert refuses(lambda m=model: m.objects.all()._raw_delete("default"))


def test_after_the_release_details_are_blanked_and_nothing_is_rewritten(certificate):
    release_stream(certificate.participation, kept_until=AT, at=AT)
    assert refuses(lambda: Certificate.objects.update(printed={"name": "Somebody Else"}))
    assert refuses(lambda: CreditClaim.objects.update(printed_name="Somebody Else"))
    assert refuses(lambda: CreditClaim.objects.update(amount_hundredths=1))
    for model, values in BLANKED.items():
        model.objects.update(**values)
        assert model.objects.filter(**values).exists()
        assert refuses(lambda m=model: m.objects.all()._raw_delete("default"))


def test_after_the_release_the_evidence_may_go(certificate):
    other = certified()
    release_stream(certificate.participation, kept_until=AT, at=AT)
    CertificateFile.objects.filter(certificate=certificate).delete()
    for model in GOES[:2] + GOES[3:]:
        model.objects.filter(participation=certificate.participation)._raw_delete("default")
        assert not model.objects.filter(participation=certificate.participation).exists()
    assert refuses(lambda: Attempt.objects.filter(participation=other.participation)._raw_delete("default"))


def test_a_plan_may_become_empty_at_any_time_and_nothing_else(certificate):
    assert refuses(lambda: Plan.objects.update(text="Something else."))
    Plan.objects.update(text="")
    assert refuses(lambda: Plan.objects.update(text="I will ask first."))
