"""Rules of accounts: codes and the merging of accounts. Values in, verdicts out."""

from __future__ import annotations

from datetime import datetime, timedelta

from opencme.core.sentences import sentence as _
from opencme.core.verdicts import ALLOWED, Reason, Verdict, refused

from .choices import CodePurpose

CODE_TRIES = 5
CODE_LIVES = timedelta(hours=24)
RESEND_PAUSE = timedelta(seconds=60)
MAILS_PER_HOUR = 5
MAILS_PER_DAY = 12
# An address gets more than an account may ask for: whoever opens accounts with somebody else's address
# keeps its owner waiting for no code. To confirm it, strangers together get forty on a day of the calendar,
# some kept apart for each network (web/limits.py). In any 24 hours that can be twice as many: fewer here
# would let them use up what is kept apart. Five tries each: who guesses at one address from many networks
# all year long hits with a chance of about one in fourteen. A closing is mailed to nobody but the account's
# own person, so the limits of the account are enough.
MAILS_PER_ADDRESS_AND_DAY = {CodePurpose.CONFIRM: 80, CodePurpose.CHANGE: 40}

_SOURCE = "OpenCME: confirmation of addresses"


def may_send_code(
    *,
    purpose: CodePurpose,
    last_sent_at: datetime | None,
    sent_last_hour: int,
    sent_last_day: int,
    to_address_last_day: int,
    at: datetime,
) -> Verdict:
    """Whether another code may be mailed: a pause, so many for an account, so many to an address.

    `to_address_last_day` counts codes of the same purpose: whoever opens accounts with somebody's address
    keeps them neither from changing theirs nor from closing their account.
    """
    if last_sent_at is not None and at - last_sent_at < RESEND_PAUSE:
        seconds = int((RESEND_PAUSE - (at - last_sent_at)).total_seconds()) + 1
        return refused(
            Reason("PEO001", _("A code was just sent. Wait %(seconds)s seconds.", seconds=seconds), _SOURCE)
        )
    if sent_last_hour >= MAILS_PER_HOUR:
        return refused(Reason("PEO002", _("Five codes were sent in the last hour. Wait an hour."), _SOURCE))
    if sent_last_day >= MAILS_PER_DAY:
        return refused(Reason("PEO005", _("Twelve codes were sent in the last day. Wait a day."), _SOURCE))
    to_address = MAILS_PER_ADDRESS_AND_DAY.get(purpose)
    if to_address is not None and to_address_last_day >= to_address:
        return refused(
            Reason("PEO009", _("Many codes were sent to this address in the last day. Wait a day."), _SOURCE)
        )
    return ALLOWED


def may_become_address(*, present: str, wanted: str) -> Verdict:
    """Whether an address would change anything; upper and lower case do not tell two apart."""
    if wanted.strip().lower() == present.strip().lower():
        return refused(Reason("PEO010", _("This is the address of your account already."), _SOURCE))
    return ALLOWED


def may_try_code(*, tries: int, expires_at: datetime, used_at: datetime | None, at: datetime) -> Verdict:
    """Whether a code may still be tried: five times, within a day, once."""
    if used_at is not None or at > expires_at:
        return refused(Reason("PEO003", _("This code is no longer good. Ask for a new one."), _SOURCE))
    if tries >= CODE_TRIES:
        return refused(Reason("PEO004", _("Five tries did not match. Ask for a new code."), _SOURCE))
    return ALLOWED


_CLOSING = "OpenCME: closing of accounts"


def may_close(*, is_operator: bool, has_other_operators: bool) -> Verdict:
    """Whether an account may be closed: always, but for the last operator's."""
    if is_operator and not has_other_operators:
        return refused(
            Reason(
                "PEO006",
                _("This is the last account of an operator. Make another operator first."),
                _CLOSING,
            )
        )
    return ALLOWED


def may_reopen(*, blank_from: datetime, is_blanked: bool, address_is_free: bool, at: datetime) -> Verdict:
    """Whether a closed account may be opened again: until its day, while its address is nobody else's."""
    if is_blanked or at >= blank_from:
        return refused(
            Reason("PEO007", _("The time in which the account could be opened again is over."), _CLOSING)
        )
    if not address_is_free:
        return refused(
            Reason("PEO008", _("You have opened a new account with this address since."), _CLOSING)
        )
    return ALLOWED
