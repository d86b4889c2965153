"""`opencme revoke-certificate`: a certificate that no longer stands."""

from __future__ import annotations

import click
from django.utils import timezone

from opencme.cli.accounts import by_operator, operator_with
from opencme.core.ids import read_code
from opencme.credit.models import Certificate
from opencme.credit.operations import AlreadyRevoked, revoke_certificate


@click.command()
@click.argument("code")
@click.option("--reason", required=True, help="What verification shows to anyone who asks.")
@by_operator
def command(code: str, reason: str, email: str) -> None:
    """Revoke the certificate with CODE. It cannot be undone; the reason is shown to anyone who checks."""
    try:
        revoke_certificate(
            code=read_code(code), reason=reason, by=operator_with(email), door="cli", at=timezone.now()
        )
    except Certificate.DoesNotExist as refusal:
        raise click.ClickException(f"No certificate has the code {code}.") from refusal
    except AlreadyRevoked as refusal:
        raise click.ClickException("This certificate was revoked before.") from refusal
    click.echo(f"{code} is revoked. The learner has been told.")
