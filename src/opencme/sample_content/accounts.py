"""The two log-ins of the demonstration. Their passwords are printed at its start and are no secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from opencme.people.operations import create_confirmed_account
from opencme.people.queries import owner_of_address


@dataclass(frozen=True)
class LogIn:
    """Somebody who can log in to the demonstration."""

    email: str
    name: str
    password: str
    profession: str = ""
    letters: str = ""
    is_operator: bool = False


CLINICIAN = LogIn(
    "clinician@example.org", "Robin Meyer", "specimen-clinician", profession="physician", letters="MD"
)
OPERATOR = LogIn("operator@example.org", "Sam Okafor", "specimen-operator", is_operator=True)


@transaction.atomic
def create_demonstration_accounts(*, at: datetime) -> None:
    """Make the clinician and the operator where they are not there yet."""
    for who in (CLINICIAN, OPERATOR):
        if owner_of_address(who.email) is None:
            create_confirmed_account(
                address=who.email,
                name=who.name,
                password=who.password,
                profession=who.profession,
                letters=who.letters,
                is_operator=who.is_operator,
                at=at,
            )
