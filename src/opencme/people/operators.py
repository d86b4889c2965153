"""Accounts of those who run the installation."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from opencme.core.audit import record

from .models import User


class OperatorExists(Exception):
    """An account with this confirmed address exists already."""


@transaction.atomic
def create_operator(*, email: str, name: str, password: str, at: datetime) -> User:
    """Make an account that sees drafts and findings; its address counts as confirmed.

    Raises OperatorExists where a confirmed account has the address.
    """
    address = email.strip().lower()
    if EmailAddress.objects.filter(email__iexact=address, verified=True).exists():
        raise OperatorExists(address)
    user = User(email=address, name=name, is_staff=True, date_joined=at)
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    record(user, "operator_created", at=at, by=None, door="cli")
    return user
