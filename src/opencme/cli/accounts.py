"""In whose name a command acts, and on whose account."""

from __future__ import annotations

import click

from opencme.people.models import User
from opencme.people.queries import owner_of_address


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
