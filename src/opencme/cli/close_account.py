"""`opencme close-account`: for somebody who asked the office by letter or on the phone."""

from __future__ import annotations

import os

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.accounts import by_operator, learner_with, operator_with
from opencme.cli.ready import STAND_IN_KEY
from opencme.core.dates import in_words
from opencme.credit.closing import close_learner, kept_after_closing
from opencme.people.closing import ClosingNotAllowed


@click.command()
@click.argument("address")
@by_operator
def command(address: str, email: str) -> None:
    """Close the account of ADDRESS. Its person is mailed a link that opens it again for 30 days.

    Make sure first that whoever asks is that person: write to the address, and wait for the answer.
    """
    _refuse_without_settings_of_the_link()
    by, learner = operator_with(email), learner_with(address)
    now = timezone.now()
    kept = kept_after_closing(learner, at=now)
    try:
        closing = close_learner(user=learner, base_url=settings.OPENCME_BASE_URL, door="cli", at=now, by=by)
    except ClosingNotAllowed as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(
        f"Closed. Nobody can sign in to it; until {in_words(closing.blank_from.date())} the mailed link opens"
        " it again, then name and address are removed."
    )
    for one in kept:
        click.echo(f"Kept until {in_words(one.until)}: {one.rule.what} ({one.count}). {one.rule.why}")


def _refuse_without_settings_of_the_link() -> None:
    """The server that is asked to open the account again must be found, and must know who signed."""
    if settings.SECRET_KEY == STAND_IN_KEY:
        unset, otherwise = "OPENCME_SECRET_KEY", "the server would not accept it"
    elif not os.environ.get("OPENCME_BASE_URL"):
        unset, otherwise = "OPENCME_BASE_URL", f"it would lead to {settings.OPENCME_BASE_URL}"
    else:
        return
    raise click.ClickException(
        f"{unset} is not set. A link that opens the account again is mailed, and {otherwise}."
        " Nothing was closed. Give this command the server's settings:"
        " `opencme --settings /etc/opencme/opencme.env close-account ...`."
    )
