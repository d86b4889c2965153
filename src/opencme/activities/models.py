"""Activities, their drafts and revisions, series, and the catalogue."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.core.append_only import AppendOnly
from opencme.core.ids import uuid7
from opencme.core.models import AuditedStream
from opencme.providers.models import Person, Provider


class Activity(AuditedStream):
    """What is planned, designated and offered.

    Dates stand here for new starts and for the window; wording, items and requirements come from
    a participation's own revision.
    """

    audit_kind: ClassVar[str] = "activity"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="activities")
    slug = models.SlugField(max_length=80)
    current_revision = models.ForeignKey("Revision", on_delete=models.PROTECT, null=True, related_name="+")
    start_until = models.DateField(null=True)
    complete_until = models.DateField(null=True)
    evaluate_and_claim_until = models.DateField(null=True)
    certified = models.BooleanField(default=True)
    listed = models.BooleanField(default=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True, default="")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self) -> str:
        return self.slug

    @property
    def is_withdrawn(self) -> bool:
        """Whether the provider has withdrawn the activity."""
        return self.withdrawn_at is not None


class Draft(models.Model):
    """What the activity will say when it is published next. Changes freely, is seen by staff only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="draft")
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("draft")

    def __str__(self) -> str:
        return f"draft of {self.activity_id}"


class Revision(models.Model):
    """The frozen document of a published activity. Each piece of evidence names its revision.

    `snapshot` is the public page as it was rendered at publication.
    """

    append_only = AppendOnly()

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    canonical = models.TextField()
    sha256 = models.CharField(max_length=64)
    schema = models.PositiveSmallIntegerField()
    snapshot = models.TextField(blank=True, default="")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_door = models.CharField(max_length=20)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("revision")
        constraints = (models.UniqueConstraint(fields=("activity", "number"), name="revision_in_activity"),)

    def __str__(self) -> str:
        return f"revision {self.number} of {self.activity_id}"


class CreditDesignation(models.Model):
    """The maximum of one credit type for one activity, with a uuid stable over revisions."""

    uuid = models.UUIDField(unique=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="designations")
    credit_type = models.CharField(max_length=63)
    period = models.CharField(max_length=63)
    maximum_hundredths = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("credit designation")

    def __str__(self) -> str:
        return f"{self.maximum} {self.credit_type}"

    @property
    def maximum(self) -> Decimal:
        """The designated maximum of the current revision."""
        return Decimal(self.maximum_hundredths) / 100


class RoleAssignment(models.Model):
    """A person in control of an activity's content, by role, as of the current revision."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="role_assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("role assignment")
        constraints = (
            models.UniqueConstraint(fields=("activity", "person", "role"), name="role_assignment_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.role}"


class CatalogueEntry(models.Model):
    """What lists and searches read of a published activity; written on publish, rebuildable."""

    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="catalogue_entry")
    title = models.CharField(max_length=500)
    promise = models.CharField(max_length=500, blank=True)
    activity_type = models.CharField(max_length=40)
    display_type = models.CharField(max_length=500, blank=True)
    minutes = models.PositiveIntegerField()
    credits_json = models.JSONField(default=list)
    """[{"credit_type", "maximum" (string), "eligible" [profession codes]}]"""
    maximum_hundredths = models.PositiveIntegerField(default=0)
    fee_minor = models.PositiveIntegerField(null=True)
    """Zero is free; null is not stated."""
    fee_currency = models.CharField(max_length=3, default="USD")
    faculty_line = models.TextField(blank=True)
    specialties = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    professions = models.JSONField(default=list)
    related_to = models.JSONField(default=list)
    thumbnail_json = models.JSONField(null=True)
    released_on = models.DateField(null=True)
    start_until = models.DateField(null=True)
    certified = models.BooleanField(default=True)
    listed = models.BooleanField(default=True)
    search_text = models.TextField()

    class Meta:
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue entries")
        indexes = (models.Index(fields=("listed", "-released_on"), name="catalogue_newest"),)

    def __str__(self) -> str:
        return self.title


class Series(models.Model):
    """A group of activities with its own page and objectives; carries no credit."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="series")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=500)
    promise = models.TextField(blank=True)
    text = models.TextField(blank=True)
    objectives_label = models.CharField(max_length=200, blank=True)
    objectives = models.JSONField(default=list)
    listed = models.BooleanField(default=True)
    updated_at = models.DateTimeField()
    activities: models.ManyToManyField[Activity, SeriesEntry] = models.ManyToManyField(
        Activity, through="SeriesEntry", related_name="series"
    )

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return self.title


class SeriesEntry(models.Model):
    """An activity's place in a series."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="entries")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="series_entries")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("series entry")
        verbose_name_plural = _("series entries")
        constraints = (models.UniqueConstraint(fields=("series", "activity"), name="series_entry_once"),)

    def __str__(self) -> str:
        return f"{self.series_id}: {self.activity_id}"


class ProblemReport(models.Model):
    """Someone reported bias, an error or a problem with an activity."""

    append_only = AppendOnly(blankable=("reply_to",))

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="problem_reports")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    reply_to = models.EmailField(blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("problem report")

    def __str__(self) -> str:
        return f"{self.kind} ({self.reported_at:%Y-%m-%d})"
