"""`opencme set-successor`: name the activity that takes another one's place."""

from __future__ import annotations

import uuid

import click
from django.utils import timezone

from opencme.activities.operations import AnotherProvidersActivity, set_successor
from opencme.cli.accounts import activity_named, by_operator, operator_with


@click.command()
@click.argument("identifier", metavar="UUID", type=click.UUID)
@click.argument("successor", metavar="SUCCESSOR", type=click.UUID)
@by_operator
def command(identifier: uuid.UUID, successor: uuid.UUID, email: str) -> None:
    """Let the page of UUID, once it is expired or withdrawn, lead to SUCCESSOR."""
    operator = operator_with(email)
    try:
        set_successor(
            activity=activity_named(identifier),
            successor=activity_named(successor),
            set_by=operator,
            door="cli",
            at=timezone.now(),
        )
    except AnotherProvidersActivity as refused:
        raise click.ClickException("The successor belongs to another provider.") from refused
    click.echo("The successor is set.")
