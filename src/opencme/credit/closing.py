"""Closing a learner's account: what goes, what is kept, until when and why, and the way back.

Stands in `credit` because only `credit` knows how long a record must be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from opencme.core.dates import in_words
from opencme.core.operations import queue_mail
from opencme.learning.models import Participation
from opencme.people.closing import close_account, locked_main, reopen_account
from opencme.people.models import Closing, User
from opencme.people.queries import accounts_of, belongs_to
from opencme.providers.statements import Keeping, keeping

from .models import Certificate
from .operations.retention import kept_until
from .purging import blank_closed

_SALT = "opencme.credit.closing"


class NoSuchClosing(Exception):
    """The address of the page names no closing that stands."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of record that outlives the account: how many, until when, by which row of the schedule."""

    rule: Keeping
    count: int
    until: date


@transaction.atomic
def close_learner(*, user: User, base_url: str, door: str, at: datetime, by: User | None = None) -> Closing:
    """Close the account and mail the link that opens it again, good until it is blanked.

    An account whose address was never confirmed has nobody to mail to and no log-in to go back to: it
    is blanked at once. Raises `people.closing.ClosingNotAllowed`.
    """
    main = locked_main(user)
    closing = close_account(user=main, blank_from=blank_from(main, at), door=door, at=at, by=by)
    if closing.address:
        _mail_the_way_back(closing, base_url, at)
    elif closing.blanked_at is None:
        for one in Closing.objects.filter(user__in=accounts_of(closing.user), undone_at=None):
            blank_closed(closing=one, at=at)
        closing.refresh_from_db()
    return closing


def blank_from(user: User, at: datetime) -> datetime:
    """When what is personal in an account closed now would be blanked."""
    if not user.is_confirmed:
        return at
    return at + timedelta(days=keeping("account", on=at.date()).days)


def closing_named(token: str) -> Closing:
    """The closing that a mailed link names. Raises `NoSuchClosing`."""
    try:
        named = signing.loads(token, salt=_SALT)
        return Closing.objects.select_related("user").get(pk=named)
    except (signing.BadSignature, Closing.DoesNotExist) as trouble:
        raise NoSuchClosing from trouble


def reopen_learner(*, token: str, door: str, at: datetime) -> User:
    """Open the account again that a mailed link names.

    Raises `NoSuchClosing` and `people.closing.ClosingNotAllowed`.
    """
    return reopen_account(closing=closing_named(token), door=door, at=at)


def kept_after_closing(user: User, *, at: datetime) -> tuple[Kept, ...]:
    """What the schedule keeps of a learner after the account is closed: credit, then the rest."""
    rows = Participation.objects.filter(belongs_to(user)).select_related("provider")
    days = [(bool(row.claims.all()), kept_until(row)) for row in rows.prefetch_related("claims")]
    codes = Certificate.objects.filter(belongs_to(user)).values("code").distinct().count()
    on = at.date()
    kept = []
    if codes:
        last = max(day for has_claims, day in days if has_claims)
        kept.append(Kept(keeping("credit", on=on), codes, last))
    if days:
        kept.append(Kept(keeping("participation", on=on), len(days), max(day for _claims, day in days)))
    return tuple(kept)


def _mail_the_way_back(closing: Closing, base_url: str, at: datetime) -> None:
    link = base_url + reverse("open_again", args=[signing.dumps(closing.pk, salt=_SALT)])
    queue_mail(
        key=f"closed:{closing.user.uuid}:{closing.pk}",
        to=closing.address,
        subject=_("Your account is closed"),
        text=_(
            "Your account was closed. Nobody can sign in to it.\n\n"
            "Until %(day)s you can open it again, as it was:\n%(link)s\n\n"
            "After that your name and address are removed. Certificates can still be checked by their "
            "codes; what accreditors may ask for is kept as long as they may ask.\n"
        )
        % {"day": in_words(closing.blank_from.date()), "link": link},
        at=at,
    )
