"""In whose name a command acts, and on whose account or which activity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import click

from opencme.activities.models import Activity
from opencme.core.dates import in_words
from opencme.core.ids import is_well_formed, read_code, spaced_code
from opencme.credit.models import Certificate
from opencme.people.models import User
from opencme.people.queries import closings_holding, never_confirmed_with, owner_of_address, person_of

_NAMED_AT_MOST: Final = 10
"""An address that many have typed is not listed to the end."""

by_operator = click.option(
    "--by", "email", metavar="EMAIL", required=True, help="The operator in whose name this is done."
)


def operator_with(email: str) -> User:
    """The operator with that confirmed address; a sentence for the command line where there is none."""
    operator = owner_of_address(email)
    if operator is None or not operator.is_operator:
        raise click.ClickException(f"{email} is no address of an operator.")
    return operator


def learner_named(said: str) -> User:
    """The account of the person that an address, an account's UUID or a certificate's code leads to.

    A sentence for the command line where there is none.
    """
    if "@" in said:
        return _owner_of(said.strip())
    code = read_code(said)
    found = _with_code(code) if is_well_formed(code) else _with_uuid(said)
    return person_of(found)


def _owner_of(address: str) -> User:
    learner = owner_of_address(address)
    if learner is None:
        others = [*_never_confirmed(address), *_closed(address)]
        raise click.ClickException(
            "\n".join([f"No open account has the confirmed address {address}.", *(others or [_NOBODY])])
        )
    return learner


_NOBODY = (
    "It may have been closed more than a month ago, or be spelled otherwise: look at the mail that the person"
    " wrote. The code of one of their certificates finds the account as well."
)


def _never_confirmed(address: str) -> Iterator[str]:
    for user in never_confirmed_with(address)[:_NAMED_AT_MOST]:
        begun = in_words(user.date_joined.date())
        yield f"{user.uuid}: it was typed on {begun} by {user.name!r}, and never confirmed."


def _closed(address: str) -> Iterator[str]:
    for closing in closings_holding(address)[:_NAMED_AT_MOST]:
        closed = in_words(closing.closed_at.date())
        yield f"{closing.user.uuid}: the account that had it was closed on {closed}."


def _with_uuid(said: str) -> User:
    try:
        found = User.objects.select_related("merged_into").filter(uuid=UUID(said)).first()
    except ValueError as trouble:
        raise click.ClickException(
            f"{said} is neither an address, nor the UUID of an account, nor the code of a certificate."
        ) from trouble
    if found is None:
        raise click.ClickException(f"There is no account {said}.")
    return found


def _with_code(code: str) -> User:
    certificate = Certificate.objects.select_related("learner__merged_into").filter(code=code).first()
    if certificate is None:
        raise click.ClickException(f"No certificate has the code {spaced_code(code)}.")
    return certificate.learner


def activity_named(identifier: UUID) -> Activity:
    """The activity with that UUID; a sentence where there is none."""
    activity = Activity.objects.filter(uuid=identifier).first()
    if activity is None:
        raise click.ClickException(f"There is no activity {identifier}.")
    return activity
