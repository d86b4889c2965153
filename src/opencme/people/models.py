"""Accounts and what is personal in them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from opencme.core.models import AuditedStream

from .choices import CodePurpose


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
    `session_round`: part of what every session is checked against; the next round ends them all.
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
    session_round = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    USERNAME_FIELD = "uuid"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta(AbstractUser.Meta):
        verbose_name = _("account")  # type: ignore[assignment]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=("date_joined",),
                name="account_never_confirmed",
                condition=~models.Q(unconfirmed_address=""),
            ),
            # Hardly any account was ever merged. SQLite's statistics of the foreign key's own index count
            # the empty ones as equal, hence as found for whomever is asked for: it would read all accounts.
            models.Index(
                fields=("merged_into",),
                name="account_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.uuid)

    def get_full_name(self) -> str:
        """The name as the person wrote it."""
        return self.name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What Django compares a session with: the password, and the round once there is one."""
        if not self.session_round:
            return super()._get_session_auth_hash(secret)  # type: ignore[misc, no-any-return]
        said = f"{self.password}:{self.session_round}"
        return salted_hmac("opencme.people.session", said, secret=secret, algorithm="sha256").hexdigest()

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

    Only a keyed digest of the code is kept. A code is good for its purpose alone.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="address_codes")
    purpose = models.CharField(max_length=10, default=CodePurpose.CONFIRM.value)
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

    def may_be_used(self, at: datetime) -> bool:
        """Whether it is worth asking for: neither used nor too old."""
        return self.used_at is None and at <= self.expires_at


class Closing(models.Model):
    """An account that its person closed. Until `blank_from` it can be opened again, later never.

    `address` is held for that time and blanked with the rest; the account itself has none, so that
    no log-in finds it. Accounts merged into it are closed with it, each by a row of its own.
    `records_due_at`: when the next of its records need not be kept any longer; null when none is left.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="closings")
    address = models.EmailField(blank=True, default="")
    closed_at = models.DateTimeField()
    blank_from = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    blanked_at = models.DateTimeField(null=True)
    records_due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("closing")
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(undone_at=None), name="account_closed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at=None) | models.Q(blanked_at=None), name="blanked_for_good"
            ),
        )
        indexes = (
            models.Index(
                fields=("blank_from",),
                name="account_to_blank",
                condition=models.Q(undone_at=None, blanked_at=None),
            ),
            models.Index(
                fields=("records_due_at",),
                name="records_of_closed_due",
                condition=models.Q(records_due_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"closed {self.closed_at:%Y-%m-%d}"
