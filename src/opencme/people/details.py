"""What people say of themselves, corrected by themselves: details and address; the end of their sessions."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from opencme.core.audit import record
from opencme.core.operations import queue_mail

from .choices import CodePurpose
from .models import AddressCode, User
from .operations import CodeNotAccepted, CodeNotSent, send_code, state_qualification, wrong_try
from .queries import current_qualification, newest_code, owner_of_address
from .rules import may_become_address


@transaction.atomic
def state_details(*, user: User, name: str, profession: str, letters: str, at: datetime) -> User:
    """Take the name, profession and degree as the person says now.

    Nothing that was claimed or printed before changes. The same again changes nothing.
    """
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.name != name:
        locked.name = name
        locked.save(update_fields=["name"])
        record(locked, "name_stated", at=at, by=locked.uuid, door="web")
    before = current_qualification(locked)
    if before is None or (before.profession, before.letters) != (profession, letters):
        state_qualification(user=locked, profession=profession, letters=letters, at=at)
        record(locked, "qualification_stated", at=at, by=locked.uuid, door="web")
    return locked


@transaction.atomic
def end_sessions(*, user: User, at: datetime) -> User:
    """End every session of the account, on every device; the caller may begin one anew."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.session_round += 1
    locked.save(update_fields=["session_round"])
    record(locked, "sessions_ended", at=at, by=locked.uuid, door="web")
    return locked


def send_code_to_new_address(*, user: User, address: str, at: datetime) -> AddressCode:
    """Mail the code that shows that a new address is the person's own. Nothing changes before it is typed.

    Raises `people.operations.CodeNotSent`, and reads alike whether or not the address is known here.
    """
    verdict = may_become_address(present=user.email, wanted=address)
    if not verdict:
        raise CodeNotSent(verdict)
    return send_code(
        user=user,
        address=address,
        purpose=CodePurpose.CHANGE,
        text=_(
            "Your code is %(code)s.\n\n"
            "With it this address becomes the one of your account. If you did not ask for that, do "
            "nothing: without the code nothing changes.\n"
        ),
        at=at,
    )


def change_address(*, user: User, digits: str, at: datetime) -> User:
    """Take the address that the code was mailed to; the old one is told.

    Raises `people.operations.CodeNotAccepted` where the code is wrong, old or used up, a wrong try being
    counted even so, and where the address belongs to another account.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        refusal = wrong_try(user=locked, purpose=CodePurpose.CHANGE, digits=digits, at=at)
        if refusal is None:
            code = newest_code(locked, CodePurpose.CHANGE)
            refusal = _take_address(locked, code.address if code else "", at)
    if refusal is not None:
        raise refusal
    return locked


def _take_address(user: User, address: str, at: datetime) -> CodeNotAccepted | None:
    owner = owner_of_address(address)
    if owner is not None and owner.pk != user.pk:
        return CodeNotAccepted(
            _("Another account of yours has this address. Sign in there, or close it first.")
        )
    before = user.email
    if address == before:
        return None
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=address.lower(), verified=True, primary=True)
    user.email = address
    user.save(update_fields=["email"])
    entry = record(user, "address_changed", at=at, by=user.uuid, door="web")
    queue_mail(
        key=f"address-changed:{user.uuid}:{entry.number}",
        to=before,
        subject=_("The address of your account was changed"),
        text=_(
            "From now on your account has another address, and no mail comes here any longer.\n\n"
            "If it was not you who changed it, tell the office that runs this site.\n"
        ),
        at=at,
    )
    return None
