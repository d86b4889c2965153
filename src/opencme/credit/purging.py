"""What the retention schedule lets go, and the work that lets it go.

Accounts are blanked a month after they were closed; the records that hang on a closed account go one
by one as their time of keeping ends. What belongs to an open account stays with it, but for answers that
can be handed in no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from opencme.activities.forgetting import (
    forget_reply_addresses,
    forget_reply_addresses_of_ended,
    reply_addresses_of_ended,
)
from opencme.core.forgetting import (
    forget_mail_keyed,
    forget_mail_to,
    forget_mail_written_before,
    mail_written_before,
)
from opencme.core.models import ReleasedStream
from opencme.core.releasing import release_stream
from opencme.learning.models import Participation
from opencme.learning.operations import drafts_of_ended, forget_drafts_of_ended, forget_what_is_personal
from opencme.learning.operations.stepping import locked_participation
from opencme.people.closing import ClosingNotAllowed, blank_account, close_account
from opencme.people.models import Closing, User
from opencme.providers.statements import keeping

from .operations.retention import RetentionNotOver, kept_until_moment, release_records

_Row = TypeVar("_Row", User, Closing)

AT_ONCE = 500
"""So many accounts are read together. Each is purged by itself, and one run purges all that are due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeReport:
    """How much went, or would go."""

    never_confirmed: int = 0
    accounts_blanked: int = 0
    participations_released: int = 0
    certificates_blanked: int = 0
    mail_forgotten: int = 0
    reply_addresses_blanked: int = 0
    drafts_forgotten: int = 0

    def __add__(self, other: PurgeReport) -> PurgeReport:
        names = [field.name for field in fields(self)]
        return PurgeReport(**{name: getattr(self, name) + getattr(other, name) for name in names})


class PurgeIncomplete(Exception):
    """Some steps failed, mostly one for an account; all others were done. The first trouble is the cause."""

    def __init__(self, report: PurgeReport, troubles: list[Exception]) -> None:
        super().__init__(f"{len(troubles)} steps of the purge failed, the first with: {troubles[0]}")
        self.report = report


def purge_due(*, at: datetime) -> PurgeReport:
    """Let go what the schedule no longer keeps, account by account, however many there are.

    Done again, it does nothing more. An account that cannot be purged holds up no other: raises
    `PurgeIncomplete` when all are done.
    """
    report = PurgeReport()
    troubles: list[Exception] = []
    for step in _steps(at):
        try:
            report += step()
        except OperationalError:  # the database is away: the others would fail as well
            raise
        except (DatabaseError, RetentionNotOver, ClosingNotAllowed) as trouble:
            troubles.append(trouble)
    if troubles:
        raise PurgeIncomplete(report, troubles) from troubles[0]
    return report


def _steps(at: datetime) -> Iterator[Callable[[], PurgeReport]]:
    """One step for each account that has something due, and one for what hangs on no account."""
    yield partial(_forget_what_is_over, at)
    for user in _each(_never_confirmed(at)):
        yield partial(_blank_never_confirmed, user, at)
    for closing in _each(_to_blank(at)):
        for user in _typed_elsewhere(closing):
            yield partial(_blank_never_confirmed, user, at)
        yield partial(blank_closed, closing=closing, at=at)
    for closing in _each(_with_records_due(at)):
        yield partial(release_due_records, closing=closing, at=at)


def _forget_what_is_over(at: datetime) -> PurgeReport:
    return PurgeReport(
        mail_forgotten=forget_mail_written_before(at - _days("mail", at)),
        reply_addresses_blanked=forget_reply_addresses_of_ended(
            ended_before=(at - _days("reports", at)).date()
        ),
        drafts_forgotten=forget_drafts_of_ended(ended_before=(at - _days("ended drafts", at)).date()),
    )


def _each(rows: QuerySet[_Row]) -> Iterator[_Row]:
    """All of `rows`, each once: whichever stays due for a trouble is not met again in the same run."""
    keys = list(rows.values_list("pk", flat=True))
    for first in range(0, len(keys), AT_ONCE):
        yield from rows.filter(pk__in=keys[first : first + AT_ONCE])


def due_for_purge(*, at: datetime) -> PurgeReport:
    """What `purge_due` would let go now."""
    released = certificates = 0
    for closing in _with_records_due(at):
        for row in _kept_records(closing.user):
            if kept_until_moment(row) <= at:
                released += 1
                certificates += row.certificates.count()
    return PurgeReport(
        never_confirmed=_never_confirmed(at).count(),
        accounts_blanked=_to_blank(at).count(),
        participations_released=released,
        certificates_blanked=certificates,
        mail_forgotten=mail_written_before(at - _days("mail", at)).count(),
        reply_addresses_blanked=reply_addresses_of_ended(
            ended_before=(at - _days("reports", at)).date()
        ).count(),
        drafts_forgotten=drafts_of_ended(ended_before=(at - _days("ended drafts", at)).date()).count(),
    )


@transaction.atomic
def blank_closed(*, closing: Closing, at: datetime) -> PurgeReport:
    """Blank what is personal in a closed account, and what was kept for its person alone.

    Credit records stay as the schedule says; where there are none, the account's own chain goes too.
    An account that was opened again, or blanked, since `closing` was read stays as it is.
    """
    user = User.objects.select_for_update().get(pk=closing.user_id)
    closing = Closing.objects.get(pk=closing.pk)
    if closing.undone_at or closing.blanked_at:
        return PurgeReport()
    forget_what_is_personal(user)
    if user.is_confirmed:
        # What was written later is of a newer account with the same address.
        forget_mail_to({closing.address}, until=closing.closed_at)
        forget_reply_addresses({closing.address}, until=closing.closed_at)
    else:  # the address may be somebody else's, and so may other mail to it
        forget_mail_keyed(f"code:{user.uuid}:")
    blank_account(closing=closing, records_due_at=_next_due(user), at=at)
    if closing.records_due_at is None:
        _release_account(closing, at)
    return PurgeReport(accounts_blanked=1)


@transaction.atomic
def release_due_records(*, closing: Closing, at: datetime) -> PurgeReport:
    """Let go what a blanked account need not keep any longer, with the last of it its own chain."""
    report = PurgeReport()
    user = User.objects.select_for_update().get(pk=closing.user_id)
    for row in _kept_records(user):
        if kept_until_moment(row) <= at:
            blanked = release_records(participation=locked_participation(row.uuid), at=at)
            report += PurgeReport(participations_released=1, certificates_blanked=blanked)
    closing.records_due_at = _next_due(user)
    closing.save(update_fields=["records_due_at"])
    if closing.records_due_at is None:
        _release_account(closing, at)
    return report


def _blank_never_confirmed(user: User, at: datetime) -> PurgeReport:
    """Close and blank the account, unless it was confirmed, merged or closed since `user` was read."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.is_confirmed or locked.merged_into_id or not locked.is_active:
            return PurgeReport()
        closing = close_account(user=locked, blank_from=at, door="worker", at=at)
        blank_closed(closing=closing, at=at)
    return PurgeReport(never_confirmed=1)


def _release_account(closing: Closing, at: datetime) -> None:
    user = User.objects.select_for_update().get(pk=closing.user_id)
    release_stream(user, kept_until=closing.blank_from, at=at)


def _days(key: str, at: datetime) -> timedelta:
    return timedelta(days=keeping(key, on=at.date()).days)


def _never_confirmed(at: datetime) -> QuerySet[User]:
    waiting = User.objects.exclude(unconfirmed_address="").filter(is_active=True)
    return waiting.filter(date_joined__lt=at - _days("unconfirmed", at)).order_by("date_joined")


def _typed_elsewhere(closing: Closing) -> list[User]:
    """Accounts for which the same address was typed before, in browsers that have long forgotten them."""
    if not closing.address:
        return []
    same = User.objects.filter(unconfirmed_address=closing.address, is_active=True)
    return list(same.filter(date_joined__lte=closing.closed_at))


def _to_blank(at: datetime) -> QuerySet[Closing]:
    waiting = Closing.objects.filter(undone_at=None, blanked_at=None, blank_from__lte=at)
    return waiting.select_related("user").order_by("blank_from")


def _with_records_due(at: datetime) -> QuerySet[Closing]:
    due = Closing.objects.filter(records_due_at__lte=at)
    return due.select_related("user").order_by("records_due_at")


def _kept_records(user: User) -> QuerySet[Participation]:
    """The participations of this very account, with their claims, that were not released."""
    released = ReleasedStream.objects.filter(
        stream_kind=Participation.audit_kind, stream_uuid=OuterRef("uuid")
    )
    rows = Participation.objects.filter(~Exists(released), learner=user)
    return rows.select_related("provider").prefetch_related("claims").order_by("pk")


def _next_due(user: User) -> datetime | None:
    return min((kept_until_moment(row) for row in _kept_records(user)), default=None)
