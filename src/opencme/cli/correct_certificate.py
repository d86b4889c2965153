"""`opencme correct-certificate`: the right name on a certificate that was issued with a wrong one."""

from __future__ import annotations

import click
from django.utils import timezone

from opencme.cli.accounts import by_operator, operator_with
from opencme.core.ids import read_code
from opencme.credit.models import Certificate
from opencme.credit.operations import (
    AlreadyRevoked,
    DetailsRemoved,
    NameMissing,
    UndrawableName,
    correct_certificate_name,
)


@click.command()
@click.argument("code")
@click.option("--name", required=True, help="The name as it should read, without letters.")
@click.option("--letters", default="", help='Degrees and licenses behind the name, as "MD, MPH".')
@by_operator
def command(code: str, name: str, letters: str, email: str) -> None:
    """Issue the certificate with CODE again under the right name. The code stays the same."""
    try:
        certificate = correct_certificate_name(
            code=read_code(code),
            name=name,
            letters=letters,
            by=operator_with(email),
            door="cli",
            at=timezone.now(),
        )
    except Certificate.DoesNotExist as refusal:
        raise click.ClickException(f"No certificate has the code {code}.") from refusal
    except AlreadyRevoked as refusal:
        raise click.ClickException("This certificate was revoked; it is not issued again.") from refusal
    except DetailsRemoved as refusal:
        raise click.ClickException(
            "The personal details on this certificate were removed when its time of keeping was over,"
            " so no name can be put on it. Its code still verifies."
        ) from refusal
    except NameMissing as refusal:
        raise click.ClickException("A certificate needs a name.") from refusal
    except UndrawableName as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{code} is now version {certificate.version}. The learner has been sent the link.")
