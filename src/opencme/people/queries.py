"""Reads of accounts."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from .models import AddressCode, Qualification, User


def accounts_of(user: User) -> QuerySet[User]:
    """The account and all that were merged into it. Evidence stays with the row it was made under."""
    return User.objects.filter(Q(pk=user.pk) | Q(merged_into=user.pk))


def belongs_to(user: User) -> Q:
    """A filter on `learner` for rows of `user` and of accounts merged into it, without a subquery."""
    return Q(learner=user.pk) | Q(learner__merged_into=user.pk)


def current_qualification(user: User) -> Qualification | None:
    """What the person last stated about profession and letters."""
    return user.qualifications.order_by("-stated_at", "-pk").first()


def newest_code(user: User) -> AddressCode | None:
    """The code that was mailed last; older ones are void."""
    return user.address_codes.order_by("-sent_at", "-pk").first()


def owner_of_address(address: str) -> User | None:
    """The account that has shown that `address` is theirs."""
    found = EmailAddress.objects.filter(email=address.lower(), verified=True).select_related("user").first()
    return found.user if found else None
