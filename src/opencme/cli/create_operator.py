"""`opencme create-operator`: the account of somebody who runs the installation."""

from __future__ import annotations

import click
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from opencme.people.operations import create_confirmed_account
from opencme.people.queries import owner_of_address


@click.command()
@click.option("--email", prompt="E-mail address", help="The address to log in with.")
@click.option("--name", prompt="Name", help="The name as it should be shown.")
@click.password_option(help="Asked for when left out, which keeps it out of the shell's history.")
def command(email: str, name: str, password: str) -> None:
    """Make the account of an operator, who may see drafts and findings."""
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as refusal:
        raise click.ClickException(" ".join(refusal.messages)) from refusal
    if owner_of_address(email) is not None:
        raise click.ClickException(f"An account with the address {email} exists already.")
    create_confirmed_account(address=email, name=name, password=password, is_operator=True, at=timezone.now())
    click.echo(f"{email} may log in as an operator.")
