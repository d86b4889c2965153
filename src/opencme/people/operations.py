"""Writes of accounts: opening one at Start, codes, confirmation and merging."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from opencme.core.audit import record
from opencme.core.operations import queue_mail
from opencme.core.verdicts import Verdict

from .choices import CodePurpose
from .models import AddressCode, Qualification, User
from .queries import current_qualification, newest_code, owner_of_address
from .rules import CODE_LIVES, may_send_code, may_try_code


class CodeNotSent(Exception):
    """No code was mailed; `verdict` says why and when to try again."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


class CodeNotAccepted(Exception):
    """The code does not confirm the address; `tries_left` says how often one may still try."""

    def __init__(self, message: str, tries_left: int = 0) -> None:
        super().__init__(message)
        self.tries_left = tries_left


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The account to go on with, and the one that was merged into it, if any."""

    account: User
    merged: User | None = None


@transaction.atomic
def open_account(
    *, address: str, name: str, profession: str, letters: str, at: datetime, may_mail: bool = True
) -> User:
    """An account for whoever presses Start, known to this browser alone until a code confirms it.

    It is made the same way for known and unknown addresses, so that nothing tells them apart. A
    code is mailed where the limits for that address allow, and those of the caller (`may_mail`);
    where not, one can ask again later.
    """
    user = User.objects.create_user(email="", name=name, unconfirmed_address=address)
    state_qualification(user=user, profession=profession, letters=letters, at=at)
    record(user, "account_opened", at=at, by=user.uuid, door="web")
    if may_mail:
        with suppress(CodeNotSent):  # Start never fails for a mail; the claim page offers it again.
            send_address_code(user=user, at=at)
    return user


def state_qualification(*, user: User, profession: str, letters: str, at: datetime) -> Qualification:
    """What the person says of profession and letters now; earlier rows stay, no claim changes."""
    return Qualification.objects.create(user=user, profession=profession, letters=letters, stated_at=at)


@transaction.atomic
def send_address_code(*, user: User, at: datetime) -> AddressCode:
    """Mail a new six-digit code to the address typed at Start.

    Raises `CodeNotSent` within the pause after the last one, after five in an hour or twelve in a day
    for this account, and after eighty in a day to this address; `CodeNotAccepted` where the address was
    confirmed meanwhile.
    """
    # As it is now: the address may have been corrected since the caller read it.
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_confirmed:
        raise CodeNotAccepted(_("This address is confirmed already."))
    return send_code(
        user=user,
        address=user.unconfirmed_address,
        purpose=CodePurpose.CONFIRM,
        text=_(
            "Your code is %(code)s.\n\n"
            "Type it where the page asks for it; it is good for a day. If you did not begin an "
            "activity, you need do nothing: without the code nobody can use your address.\n"
        ),
        at=at,
    )


@transaction.atomic
def send_code(*, user: User, address: str, purpose: CodePurpose, text: str, at: datetime) -> AddressCode:
    """Mail six digits for one purpose to `address`; `text` has `%(code)s` where they stand.

    Raises `CodeNotSent` within the pause after the last one, after five in an hour or twelve in a day
    for this account for whatever purpose, and after as many to this address as `rules` allow for this one.
    """
    recent = AddressCode.objects.filter(sent_at__gt=at - timedelta(days=1))
    own = recent.filter(user=user)
    last = newest_code(user, purpose)
    verdict = may_send_code(
        purpose=purpose,
        last_sent_at=last.sent_at if last and last.address == address else None,
        sent_last_hour=own.filter(sent_at__gt=at - timedelta(hours=1)).count(),
        sent_last_day=own.count(),
        to_address_last_day=recent.filter(address=address, purpose=purpose.value).count(),
        at=at,
    )
    if not verdict:
        raise CodeNotSent(verdict)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = AddressCode.objects.create(
        user=user,
        purpose=purpose.value,
        address=address,
        digest=_digests_of_code(user, purpose, address, digits)[0],
        sent_at=at,
        expires_at=at + CODE_LIVES,
    )
    queue_mail(
        key=f"code:{user.uuid}:{code.pk}",
        to=address,
        subject=_("%(code)s is your code") % {"code": digits},
        text=text % {"code": digits},
        at=at,
    )
    return code


@transaction.atomic
def correct_address(*, user: User, address: str, at: datetime) -> AddressCode:
    """Replace the address typed at Start, as long as it is not confirmed, and mail a code there.

    Raises `CodeNotSent` as `send_address_code` does; the address then stays as it was.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_confirmed:
        raise CodeNotAccepted(_("This address is confirmed already."))
    user.unconfirmed_address = address
    user.save(update_fields=["unconfirmed_address"])
    record(user, "address_corrected", at=at, by=user.uuid, door="web")
    return send_address_code(user=user, at=at)


def confirm_address(
    *,
    user: User,
    digits: str,
    at: datetime,
    on_merge: Callable[[Confirmation], None] | None = None,
) -> Confirmation:
    """Confirm the address of `user` with the mailed code.

    Where the address belongs to a known account, `user` is merged into that account, which is
    the one to go on with; `on_merge` then settles, in the same transaction, what higher layers
    keep of both. Raises `CodeNotAccepted` where the code is wrong, old or used up; a
    wrong try is counted even so.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.is_confirmed:
            return Confirmation(user.merged_into or user)
        wrong = wrong_try(user=user, purpose=CodePurpose.CONFIRM, digits=digits, at=at)
        if wrong is None:
            confirmation = _settle_account(user, at)
            if on_merge and confirmation.merged:
                on_merge(confirmation)
            return confirmation
    raise wrong


def wrong_try(*, user: User, purpose: CodePurpose, digits: str, at: datetime) -> CodeNotAccepted | None:
    """Try a code, in the caller's transaction: what to raise once the try is saved, none where it is right.

    Whoever was mailed at one address has shown nothing of another: to confirm, the code must have
    gone to the address that stands on the account now.
    """
    code = newest_code(user, purpose)
    if code is None:
        return CodeNotAccepted(_("No code has been sent yet. Ask for one."))
    verdict = may_try_code(tries=code.tries, expires_at=code.expires_at, used_at=code.used_at, at=at)
    if not verdict:
        return CodeNotAccepted(verdict.blocking[0].message)
    typed = "".join(character for character in digits if character.isdigit())
    address = user.unconfirmed_address if purpose is CodePurpose.CONFIRM else code.address
    digests = _digests_of_code(user, purpose, address, typed)
    if any(constant_time_compare(code.digest, digest) for digest in digests):
        AddressCode.objects.filter(pk=code.pk).update(used_at=at)
        return None
    AddressCode.objects.filter(pk=code.pk).update(tries=F("tries") + 1)
    left = max(0, 4 - code.tries)
    if not left:
        return CodeNotAccepted(_("That was the fifth try. Ask for a new code."))
    return CodeNotAccepted(_("The code does not match. Look at the mail again."), left)


def _settle_account(user: User, at: datetime) -> Confirmation:
    address = user.unconfirmed_address
    known = _open_owner(address)
    user.unconfirmed_address = ""
    if known is None:
        user.email = address
        user.save(update_fields=["unconfirmed_address", "email"])
        EmailAddress.objects.create(user=user, email=address.lower(), verified=True, primary=True)
        record(user, "address_confirmed", at=at, by=user.uuid, door="web")
        return Confirmation(user)
    user.merged_into = known
    user.merged_at = at
    user.save(update_fields=["unconfirmed_address", "merged_into", "merged_at"])
    _take_over_qualification(user, known, at)
    record(user, "account_merged", at=at, by=known.uuid, door="web", into=known.uuid)
    return Confirmation(known, merged=user)


def _open_owner(address: str) -> User | None:
    """The known account of the address, locked: it may be on the point of being closed."""
    found = owner_of_address(address)
    if found is None:
        return None
    locked = User.objects.select_for_update().get(pk=found.pk)
    return locked if locked.is_active else None


def _take_over_qualification(user: User, known: User, at: datetime) -> None:
    """What was typed at Start just now is newer than what the known account said before."""
    stated = current_qualification(user)
    before = current_qualification(known)
    if stated is None:
        return
    if before is None or (before.profession, before.letters) != (
        stated.profession,
        stated.letters,
    ):
        state_qualification(user=known, profession=stated.profession, letters=stated.letters, at=at)


def _digests_of_code(user: User, purpose: CodePurpose, address: str, digits: str) -> list[str]:
    """By the present secret key, then by those before it: a code on its way outlives a change."""
    salt = "opencme.people.code"
    if purpose is not CodePurpose.CONFIRM:
        salt = f"{salt}.{purpose}"
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    said = f"{user.uuid}:{address}:{digits}"
    return [salted_hmac(salt, said, secret=key, algorithm="sha256").hexdigest() for key in keys]


@transaction.atomic
def create_confirmed_account(
    *,
    address: str,
    name: str,
    password: str | None,
    at: datetime,
    profession: str = "",
    letters: str = "",
    is_operator: bool = False,
) -> User:
    """An account whose address is taken as confirmed: operators, demonstrations, imports."""
    user = User.objects.create_user(email=address, name=name, password=password, is_staff=is_operator)
    EmailAddress.objects.create(user=user, email=address.lower(), verified=True, primary=True)
    if profession:
        state_qualification(user=user, profession=profession, letters=letters, at=at)
    record(user, "account_opened", at=at, by=user.uuid, door="cli")
    return user
