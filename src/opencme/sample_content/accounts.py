"""The two log-ins of the demonstration. Their passwords are printed at its start and are no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from opencme.people.models import Qualification, User
from opencme.people.operators import create_operator


@dataclass(frozen=True)
class LogIn:
    """Somebody who can log in to the demonstration."""

    email: str
    name: str
    password: str


CLINICIAN = LogIn("clinician@example.org", "Robin Meyer", "specimen-clinician")
OPERATOR = LogIn("operator@example.org", "Sam Okafor", "specimen-operator")


@transaction.atomic
def create_demonstration_accounts(*, at: datetime) -> None:
    """Make the clinician and the operator where they are not there yet."""
    if EmailAddress.objects.filter(email=OPERATOR.email).exists():
        return
    create_operator(email=OPERATOR.email, name=OPERATOR.name, password=OPERATOR.password, at=at)
    clinician = User.objects.create_user(
        email=CLINICIAN.email, name=CLINICIAN.name, password=CLINICIAN.password, date_joined=at
    )
    EmailAddress.objects.create(user=clinician, email=clinician.email, verified=True, primary=True)
    Qualification.objects.create(
        user=clinician, profession="physician", letters="MD", country="US", stated_at=at
    )
