"""What is kept in an account itself."""

from __future__ import annotations

from typing import Any

from opencme.people.models import AddressCode, Closing, User
from opencme.people.queries import accounts_of

from .telling import in_order, moment


def accounts_in_full(user: User) -> list[User]:
    """The person's accounts, the one that they go by first, with what hangs on them, in few queries."""
    rows = accounts_of(user).prefetch_related("qualifications", "address_codes", "closings")
    return sorted(rows, key=lambda account: (account.pk != user.pk, account.pk))


def account_values(account: User) -> dict[str, Any]:
    """One account: what its person said, which codes were mailed for it, and when it was closed."""
    return {
        "account": str(account.uuid),
        "name": account.name,
        "address": account.contact_address,
        "address_is_confirmed": account.is_confirmed,
        "opened_at": account.date_joined.isoformat(),
        "last_signed_in_at": moment(account.last_login),
        "merged_at": moment(account.merged_at),
        "has_password": account.has_usable_password(),
        "qualifications": [
            {
                "profession": one.profession,
                "degrees": one.letters,
                "country": one.country,
                "stated_at": one.stated_at.isoformat(),
            }
            for one in in_order(account.qualifications)
        ],
        "codes_mailed": [_code(one) for one in in_order(account.address_codes)],
        "closings": [_closing(one) for one in in_order(account.closings)],
    }


def _code(code: AddressCode) -> dict[str, Any]:
    """That a code was mailed; never the code, which is for the eyes of whoever reads the mailbox."""
    return {
        "to": code.address,
        "for": code.purpose,
        "sent_at": code.sent_at.isoformat(),
        "good_until": code.expires_at.isoformat(),
        "wrong_tries": code.tries,
        "used_at": moment(code.used_at),
    }


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "address": closing.address,
        "closed_at": closing.closed_at.isoformat(),
        "blanked_from": closing.blank_from.isoformat(),
        "opened_again_at": moment(closing.undone_at),
        "blanked_at": moment(closing.blanked_at),
    }
