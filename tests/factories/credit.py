"""Claims and certificates, in one call."""

from decimal import Decimal

from tests.factories.documents import DESIGNATION
from tests.factories.learning import AT, evaluated

from opencme.credit.operations import Confirmed, claim_credit
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
