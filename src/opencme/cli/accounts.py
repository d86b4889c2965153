"""In whose name a command acts, and on whose account or which activity."""

from __future__ import annotations

from uuid import UUID

import click

from opencme.activities.models import Activity
from opencme.people.models import User
from opencme.people.queries import owner_of_address

by_operator = click.option(
    "--by", "email", metavar="EMAIL", required=True, help="The operator in whose name this is done."
)


def operator_with(email: str) -> User:
    """The operator with that confirmed address; a sentence for the command line where there is none."""
    operator = owner_of_address(email)
    if operator is None or not operator.is_operator:
        raise click.ClickException(f"{email} is no address of an operator.")
    return operator


def learner_with(address: str) -> User:
    """The open account with that confirmed address; a sentence where there is none."""
    learner = owner_of_address(address)
    if learner is None:
        raise click.ClickException(
            f"No open account has the confirmed address {address}."
            " It may be closed, or spelled otherwise: look at the mail that the person wrote."
        )
    return learner


def activity_named(identifier: UUID) -> Activity:
    """The activity with that UUID; a sentence where there is none."""
    activity = Activity.objects.filter(uuid=identifier).first()
    if activity is None:
        raise click.ClickException(f"There is no activity {identifier}.")
    return activity
