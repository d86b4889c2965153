"""Claims and certificates. Every row here is evidence; corrections are new rows that name the old.

Once a participation is released, what is personal in them is blanked; claims and certificates stay.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.activities.models import CreditDesignation
from opencme.core.append_only import AppendOnly, Released
from opencme.core.ids import new_code, uuid7
from opencme.learning.models import Participation
from opencme.providers.models import Provider

from .choices import CertificateKind


class CreditClaim(models.Model):
    """What a learner claimed of one designation, attested and dated.

    A participation claims a designation once, and again (`seq` 2, 3, ...) for units passed later;
    such a claim names the first in `supplements`. `designation` is null for a certificate of
    participation. `qualification` freezes profession and letters as they were.
    """

    append_only = AppendOnly(
        released=Released(
            "participation", blanks=("printed_name", "printed_letters", "attestation", "qualification")
        )
    )

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="claims")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    designation = models.ForeignKey(
        CreditDesignation, on_delete=models.PROTECT, null=True, related_name="claims"
    )
    seq = models.PositiveSmallIntegerField(default=1)
    supplements = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="supplemented_by"
    )
    period = models.CharField(max_length=63, default="1")
    credit_type = models.CharField(max_length=63, blank=True)
    amount_hundredths = models.PositiveIntegerField()
    units = models.JSONField(default=list)
    printed_name = models.CharField(max_length=150)
    printed_letters = models.CharField(max_length=80, blank=True)
    qualification = models.JSONField()
    attestation = models.TextField()
    claimed_at = models.DateTimeField()
    completed_on = models.DateField()
    time_zone = models.CharField(max_length=60)
    is_specimen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("credit claim")
        constraints = (
            models.UniqueConstraint(
                fields=("participation", "designation", "seq"),
                name="credit_claim_once",
            ),
            models.UniqueConstraint(
                fields=("participation", "seq"),
                condition=models.Q(designation=None),
                name="participation_claim_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.credit_type}"

    @property
    def amount(self) -> Decimal:
        """The claimed amount."""
        return Decimal(self.amount_hundredths) / 100


class ReportPermission(models.Model):
    """Whether credit may be reported to boards; dated, with its wording; the newest row counts."""

    append_only = AppendOnly(released=Released("participation", deletes=True))

    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="report_permissions"
    )
    granted = models.BooleanField()
    wording = models.CharField(max_length=40)
    stated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("permission to report")

    def __str__(self) -> str:
        return f"{self.granted} ({self.stated_at:%Y-%m-%d})"


class Certificate(models.Model):
    """A certificate as issued: number, code and everything printed on it, frozen.

    A correction or a new total is a new row of the same `code` and `number` with the next
    `version`; the earlier ones stay.
    """

    append_only = AppendOnly(released=Released("participation", blanks=("printed",)))

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates"
    )
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="certificates")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in CertificateKind])
    number = models.CharField(max_length=40)
    code = models.CharField(max_length=13, default=new_code)
    version = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=300, blank=True)
    claims = models.ManyToManyField(CreditClaim, related_name="certificates")
    printed = models.JSONField()
    base_url = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    is_specimen = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("certificate")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="certificate_code"),
            models.UniqueConstraint(fields=("provider", "number", "version"), name="certificate_number"),
        )

    def __str__(self) -> str:
        return self.number


class CertificateFile(models.Model):
    """The signed PDF of one certificate version: rendered once, at its first request, and kept."""

    append_only = AppendOnly(released=Released("certificate__participation", deletes=True))

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    rendered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("certificate file")

    def __str__(self) -> str:
        return self.sha256[:12]


class Revocation(models.Model):
    """A certificate withdrawn by its provider, with the reason that verification shows."""

    append_only = AppendOnly(released=Released("certificate__participation", blanks=("reason",)))

    code = models.CharField(max_length=13, unique=True)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="revocations")
    reason = models.TextField()
    revoked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("revocation")

    def __str__(self) -> str:
        return f"{self.code} ({self.revoked_at:%Y-%m-%d})"
