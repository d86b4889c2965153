"""Claims and certificates, in one call."""

from decimal import Decimal

from tests.factories.documents import DESIGNATION
from tests.factories.learning import AT, a_learner, evaluated, passed, started

from opencme.core.releasing import release_stream
from opencme.credit.models import Certificate
from opencme.credit.operations import Confirmed, certify_participation, claim_credit
from opencme.credit.queries import newest_certificate_of

BASE_URL = "https://cme.example"


def confirmed(name="Jordan Example", letters="MD, MPH", **changes):
    """What a learner confirms at the claim."""
    return Confirmed(name=name, letters=letters, zone=changes.pop("zone", "America/New_York"), **changes)


def claimed(participation=None, *, amount="0.5", at=AT, designation=DESIGNATION, seq=1, **changes):
    """A claim, of a participation with everything else done."""
    row = participation or evaluated(at=at)
    return claim_credit(
        learner=row.learner,
        participation=row.uuid,
        designation=designation,
        seq=seq,
        amount=Decimal(amount),
        confirmed=confirmed(**changes),
        base_url=BASE_URL,
        at=at,
    )


def certified(participation=None, **changes):
    """The newest certificate of a fresh claim."""
    return newest_certificate_of(claimed(participation, **changes))


def certified_participation(*, at=AT):
    """The certificate of participation of a nurse, whom the credit is not for."""
    row = evaluated(passed(started(learner=a_learner(profession="nurse", letters="RN"), at=at), at=at), at=at)
    claim = certify_participation(
        learner=row.learner,
        participation=row.uuid,
        confirmed=confirmed(letters="RN"),
        base_url=BASE_URL,
        at=at,
    )
    return newest_certificate_of(claim)


def without_details(certificate, *, at=AT):
    """The certificate after the time of keeping, every version blanked."""
    release_stream(certificate.participation, kept_until=at, at=at)
    Certificate.objects.filter(code=certificate.code).update(printed={})
    certificate.refresh_from_db()
    return certificate
