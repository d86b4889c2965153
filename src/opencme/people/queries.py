"""Reads of accounts."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import BigAutoField, CharField, Q, QuerySet

from opencme.core.compiled import Compiled, Given

from .choices import CodePurpose
from .models import AddressCode, Closing, Qualification, User

_USER = Given("user", BigAutoField())
_STATED = Compiled(lambda: Qualification.objects.filter(user=_USER).order_by("-stated_at", "-pk")[:1])
_CODE = Compiled(
    lambda: AddressCode.objects.filter(user=_USER, purpose=Given("purpose", CharField())).order_by(
        "-sent_at", "-pk"
    )[:1]
)


def accounts_of(user: User) -> QuerySet[User]:
    """The account and all that were merged into it. Evidence stays with the row it was made under."""
    return User.objects.filter(Q(pk=user.pk) | Q(merged_into=user.pk))


_MERGED = Compiled(lambda: User.objects.filter(merged_into=Given("pk", BigAutoField())).only("uuid"))


def merged_accounts(user: User) -> list[User]:
    """The accounts that turned out to be this one, as much of them as has a uuid."""
    return _MERGED(pk=user.pk)


def belongs_to(user: User | Given) -> Q:
    """A filter on `learner` for rows of `user` and of accounts merged into it.

    As a list of accounts, so that the database begins with them: said as "this learner or one
    merged into them" it would look at everybody's rows.
    """
    key = user if isinstance(user, Given) else user.pk
    return Q(learner__in=User.objects.filter(Q(pk=key) | Q(merged_into=key)).values("pk"))


def current_qualification(user: User) -> Qualification | None:
    """What the person last stated about profession and letters."""
    return _STATED.one(user=user.pk)


def newest_code(user: User, purpose: CodePurpose = CodePurpose.CONFIRM) -> AddressCode | None:
    """The code that was mailed last for this purpose; older ones are void."""
    return _CODE.one(user=user.pk, purpose=purpose.value)


def standing_closing(user: User) -> Closing | None:
    """The closing of an account that was not undone."""
    return user.closings.filter(undone_at=None).first()


def person_of(account: User) -> User:
    """The account that the person of `account` goes by: itself, or the one that it turned out to be."""
    return account.merged_into or account


def never_confirmed_with(address: str) -> QuerySet[User]:
    """The open accounts for which `address` was typed and never confirmed, by whomever; newest first."""
    waiting = User.objects.exclude(unconfirmed_address="").filter(is_active=True)
    return waiting.filter(unconfirmed_address__iexact=address).order_by("-date_joined")


def closings_holding(address: str) -> QuerySet[Closing]:
    """The closings that can still be undone of accounts that had `address`, with the account."""
    held = Closing.objects.filter(undone_at=None, blanked_at=None, address__iexact=address)
    return held.select_related("user").order_by("-closed_at")


def owner_of_address(address: str) -> User | None:
    """The account that has shown that `address` is theirs."""
    found = EmailAddress.objects.filter(email=address.lower(), verified=True).select_related("user").first()
    return found.user if found else None
