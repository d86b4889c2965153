"""Accounts and what is personal in them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.core.models import AuditedStream


class UserManager(BaseUserManager["User"]):
    """Makes accounts; there is no user name, the address and the uuid identify."""

    def create_user(self, *, email: str, name: str = "", password: str | None = None, **fields: Any) -> User:
        """A new account; without a password one signs in by code."""
        user = self.model(email=self.normalize_email(email), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AuditedStream, AbstractUser):
    """An account. The e-mail address is unique among verified addresses only.

    `unconfirmed_address`: what was typed at Start and not confirmed yet. Until then `email` is
    empty, so that no log-in finds the account: only the browser that made it is in. Whoever types
    a stranger's address can never share an account with them.
    `merged_into`: the account that this one turned out to be; rows are never re-pointed, reads go
    through `people.queries.accounts_of`.
    """

    audit_kind: ClassVar[str] = "account"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=150, blank=True)
    unconfirmed_address = models.EmailField(blank=True, default="")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_accounts"
    )
    merged_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    USERNAME_FIELD = "uuid"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta(AbstractUser.Meta):
        verbose_name = _("account")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or str(self.uuid)

    def get_full_name(self) -> str:
        """The name as the person wrote it."""
        return self.name

    @property
    def is_confirmed(self) -> bool:
        """Whether the person has shown that the address is theirs."""
        return not self.unconfirmed_address

    @property
    def contact_address(self) -> str:
        """Where mail to this account goes, confirmed or not."""
        return self.email or self.unconfirmed_address

    @property
    def is_operator(self) -> bool:
        """Whether the account sees drafts and findings."""
        return self.is_staff and self.is_active


class Qualification(models.Model):
    """What a person is by training: profession, letters, later licence and country.

    `profession` is a code of `providers.statements.professions`. The newest row counts; a changed
    profession is a new row, so that no claim changes afterwards.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="qualifications")
    profession = models.CharField(max_length=40)
    letters = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    stated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("qualification")
        indexes = (models.Index(fields=("user", "-stated_at"), name="qualification_newest"),)

    def __str__(self) -> str:
        return f"{self.profession} {self.letters}".strip()


class AddressCode(models.Model):
    """A six-digit code mailed to an address, for one account. Five tries, then a new one is needed.

    Only a keyed digest of the code is kept.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_codes")
    address = models.EmailField()
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("address code")
        indexes = (models.Index(fields=("user", "-sent_at"), name="address_code_newest"),)

    def __str__(self) -> str:
        return f"code of {self.sent_at:%Y-%m-%d %H:%M}"
