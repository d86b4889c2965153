"""`opencme set-successor`: name the activity that takes another one's place."""

from __future__ import annotations

import uuid

import click
from django.utils import timezone

from opencme.activities.models import Activity
from opencme.activities.operations import AnotherProvidersActivity, set_successor
from opencme.cli.accounts import operator_with


@click.command()
@click.argument("identifier", metavar="UUID", type=click.UUID)
@click.argument("successor", metavar="SUCCESSOR", type=click.UUID)
@click.option(
    "--by", "email", metavar="EMAIL", required=True, help="The operator in whose name this is done."
)
def command(identifier: uuid.UUID, successor: uuid.UUID, email: str) -> None:
    """Let the page of UUID, once it is expired or withdrawn, lead to SUCCESSOR."""
    operator = operator_with(email)
    try:
        set_successor(
            activity=_activity(identifier),
            successor=_activity(successor),
            set_by=operator,
            door="cli",
            at=timezone.now(),
        )
    except AnotherProvidersActivity as refused:
        raise click.ClickException("The successor belongs to another provider.") from refused
    click.echo("The successor is set.")


def _activity(identifier: uuid.UUID) -> Activity:
    activity = Activity.objects.filter(uuid=identifier).first()
    if activity is None:
        raise click.ClickException(f"There is no activity {identifier}.")
    return activity
