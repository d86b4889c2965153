"""In whose name a command acts."""

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
