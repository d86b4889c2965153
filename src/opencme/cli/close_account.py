"""`opencme close-account`: for somebody who asked the office by letter or on the phone."""

from __future__ import annotations

import os

import click
from django.conf import settings
from django.utils import timezone

from opencme.cli.accounts import by_operator, learner_named, operator_with
from opencme.cli.ready import STAND_IN_KEY
from opencme.core.dates import in_words
from opencme.credit.closing import close_learner, kept_after_closing
from opencme.people.closing import ClosingNotAllowed
from opencme.people.models import User
from opencme.people.queries import standing_closing


@click.command()
@click.argument("account")
@by_operator
def command(account: str, email: str) -> None:
    """Close ACCOUNT. Its person is mailed a link that opens it again for 30 days.

    ACCOUNT is the confirmed address of an open account, or its UUID, or the code of one of its certificates.
    Where an address was typed and never confirmed, this command names the UUID; such an account is blanked
    at once, for nobody could open it again.

    Make sure first that whoever asks is that person: write to the address, and wait for the answer.
    """
    by, learner = operator_with(email), learner_named(account)
    _refuse_what_is_closed(learner)
    if learner.is_confirmed:
        _refuse_without_settings_of_the_link()
    now = timezone.now()
    kept = kept_after_closing(learner, at=now)
    try:
        closing = close_learner(user=learner, base_url=settings.OPENCME_BASE_URL, door="cli", at=now, by=by)
    except ClosingNotAllowed as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if closing.blanked_at:
        click.echo("Closed. Its address was never confirmed, so name and address are removed already.")
    else:
        click.echo(
            f"Closed. Nobody can sign in to it; until {in_words(closing.blank_from.date())} the mailed link"
            " opens it again, then name and address are removed."
        )
    for one in kept:
        click.echo(f"Kept until {in_words(one.until)}: {one.rule.what} ({one.count}). {one.rule.why}")


def _refuse_what_is_closed(learner: User) -> None:
    closing = standing_closing(learner)
    if closing:
        raise click.ClickException(
            f"This account was closed on {in_words(closing.closed_at.date())}. Nothing is left to close."
        )


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
