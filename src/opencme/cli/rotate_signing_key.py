"""`opencme rotate-signing-key`: another key for certificates; what the former one signed stays known."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from opencme.credit.render.signers import RETIRED_NAME, NotASigner, replace_signing_key


@click.command()
@click.option(
    "--with",
    "given",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a key and its certificates, as PEM; left out, a key is made.",
)
def command(given: Path | None) -> None:
    """Sign certificates by another key from now on. What was signed before stays as it is, and known."""
    folder = Path(settings.OPENCME_DATA_DIR)
    try:
        former, new = replace_signing_key(
            folder, at=timezone.now(), given=given.read_bytes() if given else None
        )
    except FileNotFoundError as trouble:
        raise click.ClickException(
            f"{folder} holds no signing key, so there is none to replace. The first start makes one."
        ) from trouble
    except NotASigner as trouble:
        raise click.ClickException(f"Nothing was changed. {trouble}") from trouble
    click.echo(f"Certificates are signed by {new.name} from now on.\n  key {new.key_fingerprint}")
    click.echo(
        f"Before, by {former.name}, which stays known in {RETIRED_NAME}.\n  key {former.key_fingerprint}"
    )
    click.echo("Servers that run take the new key by themselves. Make a backup that has it.")
