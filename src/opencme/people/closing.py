"""The end of an account: closed by its person, opened again while that is possible, then blanked.

What hangs on an account in higher parts is settled by `credit.closing` and `credit.purging`, which
call this.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from opencme.core.audit import record
from opencme.core.verdicts import Verdict

from .choices import CodePurpose
from .models import AddressCode, Closing, Qualification, User
from .operations import send_code, wrong_try
from .queries import accounts_of, owner_of_address, standing_closing
from .rules import may_close, may_reopen


class ClosingNotAllowed(Exception):
    """The account cannot be closed, or not be opened again; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


def send_closing_code(*, user: User, at: datetime) -> AddressCode:
    """Mail the code that confirms a closing to the account's own address.

    Raises `people.operations.CodeNotSent`.
    """
    return send_code(
        user=user,
        address=user.email,
        purpose=CodePurpose.CLOSE,
        text=_(
            "Your code is %(code)s.\n\n"
            "With it your account is closed. If you did not ask for that, do nothing, and choose a new "
            "password: somebody is signed in as you.\n"
        ),
        at=at,
    )


def confirm_closing(*, user: User, digits: str, at: datetime) -> None:
    """Check the mailed code. Raises `people.operations.CodeNotAccepted`; a wrong try is counted even so."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        wrong = wrong_try(user=locked, purpose=CodePurpose.CLOSE, digits=digits, at=at)
    if wrong is not None:
        raise wrong


@transaction.atomic
def close_account(
    *, user: User, blank_from: datetime, door: str, at: datetime, by: User | None = None
) -> Closing:
    """Close the account and all that were merged into it: no log-in finds it, and every session ends.

    `by`: who closes it where that is not its person, an operator who was asked by letter. Nothing
    personal is lost before `blank_from`. Closed again, it stays as it was. Raises
    `ClosingNotAllowed` for the last operator.
    """
    main = locked_main(user)
    accounts = list(accounts_of(main).select_for_update().order_by("pk"))
    made = standing_closing(main)
    if made:
        return made
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=main.pk).exists()
    verdict = may_close(is_operator=main.is_operator, has_other_operators=others)
    if not verdict:
        raise ClosingNotAllowed(verdict)
    for account in accounts:
        _close(account, blank_from, at)
        record(account, "account_closed", at=at, by=(by or main).uuid, door=door)
    return Closing.objects.get(user=main, undone_at=None)


def locked_main(user: User) -> User:
    """The account that the person goes by, locked, in the caller's transaction.

    It is read anew: `user` may have been confirmed, or merged into another, since the caller read it.
    """
    locked = User.objects.select_for_update().get(pk=user.merged_into_id or user.pk)
    return locked_main(locked) if locked.merged_into_id else locked


def _close(account: User, blank_from: datetime, at: datetime) -> None:
    Closing.objects.create(user=account, address=account.email, closed_at=at, blank_from=blank_from)
    EmailAddress.objects.filter(user=account).delete()
    account.email = ""
    account.is_active = False
    account.session_round += 1
    account.save(update_fields=["email", "is_active", "session_round"])


@transaction.atomic
def reopen_account(*, closing: Closing, door: str, at: datetime) -> User:
    """Undo a closing: one signs in again as before; sessions of then stay dead.

    Raises `ClosingNotAllowed` once the time for it is over, or where the address belongs to an account
    that was opened since. Done again, it changes nothing.
    """
    main = User.objects.select_for_update().get(pk=closing.user_id)
    made = Closing.objects.get(pk=closing.pk)
    if made.undone_at is not None:
        return main
    verdict = may_reopen(
        blank_from=made.blank_from,
        is_blanked=made.blanked_at is not None,
        address_is_free=owner_of_address(made.address) is None,
        at=at,
    )
    if not verdict:
        raise ClosingNotAllowed(verdict)
    for account in accounts_of(main).select_for_update().order_by("pk"):
        _reopen(account, at)
        record(account, "account_reopened", at=at, by=main.uuid, door=door)
    main.refresh_from_db()
    return main


def _reopen(account: User, at: datetime) -> None:
    made = standing_closing(account)
    if made is None:
        return
    account.email, account.is_active = made.address, True
    account.save(update_fields=["email", "is_active"])
    if made.address:
        EmailAddress.objects.create(user=account, email=made.address.lower(), verified=True, primary=True)
    made.address, made.undone_at = "", at
    made.save(update_fields=["address", "undone_at"])


@transaction.atomic
def blank_account(*, closing: Closing, records_due_at: datetime | None, at: datetime) -> None:
    """Blank what is personal in a closed account, for good: name, address, qualifications, password.

    `records_due_at`: when the first of the records that hang on it need not be kept any longer.
    """
    user = User.objects.select_for_update().get(pk=closing.user_id)
    user.name = user.email = user.unconfirmed_address = ""
    user.last_login = None
    user.is_active = user.is_staff = False
    user.set_unusable_password()
    user.save(
        update_fields=[
            "name",
            "email",
            "unconfirmed_address",
            "last_login",
            "is_active",
            "is_staff",
            "password",
        ]
    )
    Qualification.objects.filter(user=user).delete()
    AddressCode.objects.filter(user=user).delete()
    Closing.objects.filter(user=user).update(address="")
    closing.address, closing.blanked_at, closing.records_due_at = "", at, records_due_at
    closing.save(update_fields=["address", "blanked_at", "records_due_at"])
    record(user, "account_blanked", at=at, door="worker")
