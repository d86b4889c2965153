"""`opencme create-operator`: the account of somebody who runs the installation."""

from __future__ import annotations

import click
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from opencme.people.operators import OperatorExists, create_operator


@click.command()
@click.option("--email", prompt="E-mail address", help="The address to log in with.")
@click.option("--name", prompt="Name", help="The name as it should be shown.")
@click.password_option(help="Asked for when left out, which keeps it out of the shell's history.")
def command(email: str, name: str, password: str) -> None:
    """Make the account of an operator, who may see drafts and findings."""
    try:
        validate_password(password)
        create_operator(email=email, name=name, password=password, at=timezone.now())
    except ValidationError as refusal:
        raise click.ClickException(" ".join(refusal.messages)) from refusal
    except OperatorExists as refusal:
        raise click.ClickException(f"An account with the address {email} exists already.") from refusal
    click.echo(f"{email} may log in as an operator.")
