"""The rows of `core`: audit entries and the mail outbox."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, Released


class AuditedStream(models.Model):
    """A row that heads an audit chain. Subclasses have a `uuid` and say their `audit_kind`."""

    audit_kind: ClassVar[str]
    uuid: models.UUIDField[uuid.UUID, uuid.UUID]

    audit_length = models.PositiveIntegerField(default=0, editable=False)
    audit_head = models.CharField(max_length=64, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """One event of a stream, chained to the one before it."""

    append_only = AppendOnly(released=Released(deletes=True))

    stream_kind = models.CharField(max_length=20)
    stream_uuid = models.UUIDField()
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)
    door = models.CharField(max_length=20, blank=True, default="")
    values = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True, default="")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        constraints = (
            models.UniqueConstraint(
                fields=("stream_uuid", "stream_kind", "number"), name="audit_entry_in_stream"
            ),
        )

    def __str__(self) -> str:
        return f"{self.stream_kind} {self.stream_uuid} #{self.number} {self.event}"


class ReleasedStream(models.Model):
    """A stream whose records need not be kept any longer: what hangs on it may be removed.

    The entries 1 to `entries` of its chain are gone; `head` is the digest of the last of them, and a
    later entry goes on from there. `kept_until` is the moment at which the time of keeping ended.
    """

    append_only = AppendOnly()

    stream_kind = models.CharField(max_length=20)
    stream_uuid = models.UUIDField()
    entries = models.PositiveIntegerField()
    head = models.CharField(max_length=64, blank=True, default="")
    kept_until = models.DateTimeField()
    released_at = models.DateTimeField()

    class Meta:
        verbose_name = _("released stream")
        constraints = (
            models.UniqueConstraint(fields=("stream_uuid", "stream_kind"), name="stream_released_once"),
            models.CheckConstraint(
                condition=models.Q(released_at__gte=models.F("kept_until")), name="stream_kept_its_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.stream_kind} {self.stream_uuid}"


class OutboxMail(models.Model):
    """A mail to be sent. Writing the row is part of the operation; sending it is a job.

    `key` makes sending idempotent: the same key is queued once.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mail")

    def __str__(self) -> str:
        return f"{self.subject} ({self.created_at:%Y-%m-%d %H:%M})"


class Worker(models.Model):
    """A process that does work beside the pages, as long as it says so every few seconds.

    What it was doing when it falls silent is given to another.
    """

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("worker")

    def __str__(self) -> str:
        return self.name
