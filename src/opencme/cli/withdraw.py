"""`opencme withdraw`: stop an activity for everybody."""

from __future__ import annotations

import uuid

import click
from django.utils import timezone

from opencme.activities.operations import withdraw_activity
from opencme.cli.accounts import activity_named, by_operator, operator_with


@click.command()
@click.argument("identifier", metavar="UUID", type=click.UUID)
@click.option("--reason", required=True, help="Why; learners read it on the activity's page.")
@by_operator
def command(identifier: uuid.UUID, reason: str, email: str) -> None:
    """Withdraw the activity UUID. What was claimed stands; whoever is on the way stops."""
    operator = operator_with(email)
    activity = activity_named(identifier)
    if activity.is_withdrawn:
        click.echo("It was withdrawn before; nothing has changed.")
        return
    withdraw_activity(activity=activity, reason=reason, withdrawn_by=operator, door="cli", at=timezone.now())
    click.echo("Withdrawn.")
