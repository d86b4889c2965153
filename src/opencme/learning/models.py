"""Participation and its evidence."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.activities.models import Activity, Revision
from opencme.core.append_only import AppendOnly, Released
from opencme.core.ids import uuid7
from opencme.core.models import AuditedStream
from opencme.providers.models import Provider

_GOES_WITH_PARTICIPATION = Released("participation", deletes=True)


class Participation(AuditedStream):
    """One learner in one activity and certification period; the row that operations lock.

    `shown_sha256`/`shown_at`: the pre-start block that was on the page when Start was pressed
    (disclosure before content, R#30). `completed_at`: the last content or test requirement met.
    """

    audit_kind: ClassVar[str] = "participation"

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="participations")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="participations")
    period = models.CharField(max_length=63, default="1")
    started_at = models.DateTimeField()
    shown_sha256 = models.CharField(max_length=64)
    shown_at = models.DateTimeField()
    is_preview = models.BooleanField(default=False)
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="supersedes")
    completed_at = models.DateTimeField(null=True)
    evaluated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("participation")
        constraints = (
            models.UniqueConstraint(
                fields=("learner", "activity", "period"),
                condition=models.Q(is_preview=False, superseded_by=None),
                name="participation_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class ShownBlock(models.Model):
    """What stood before Start, word for word; participations name it by its digest."""

    append_only = AppendOnly()

    sha256 = models.CharField(max_length=64, unique=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    html = models.TextField()
    first_shown_at = models.DateTimeField()

    class Meta:
        verbose_name = _("shown block")

    def __str__(self) -> str:
        return self.sha256[:12]


class ParticipationRevision(models.Model):
    """Which revision a participation is on, from when and why; the newest row counts."""

    append_only = AppendOnly(released=_GOES_WITH_PARTICIPATION)

    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="revision_history"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    reason = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("revision of a participation")

    def __str__(self) -> str:
        return f"{self.participation_id} on {self.revision_id}"


class Attempt(models.Model):
    """One attempt at a test. May change until it is submitted, never afterwards.

    `form`: {"items": [item keys in order], "options": {item key: [option keys in order]}}.
    `answers`: {item key: {"value": [option keys], "n": int, "at": iso instant}}.
    """

    append_only = AppendOnly(once="submitted_at", released=_GOES_WITH_PARTICIPATION)

    uuid = models.UUIDField(default=uuid7, unique=True, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="attempts")
    step_key = models.CharField(max_length=63)
    number = models.PositiveSmallIntegerField()
    form = models.JSONField()
    answers = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    items = models.PositiveSmallIntegerField()
    passed = models.BooleanField(null=True)

    class Meta:
        verbose_name = _("attempt")
        constraints = (
            models.UniqueConstraint(fields=("participation", "step_key", "number"), name="attempt_once"),
            models.CheckConstraint(
                condition=models.Q(submitted_at=None) | models.Q(score__isnull=False),
                name="attempt_submitted_has_score",
            ),
        )

    def __str__(self) -> str:
        return f"attempt {self.number} at {self.step_key}"


class AttemptGrant(models.Model):
    """More attempts than the activity allows, granted by the office with a reason."""

    append_only = AppendOnly(released=_GOES_WITH_PARTICIPATION)

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="attempt_grants")
    step_key = models.CharField(max_length=63)
    extra = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("granted attempt")

    def __str__(self) -> str:
        return f"{self.extra} more at {self.step_key}"


class Playback(models.Model):
    """What was played of a recording, as merged intervals, and what was read of its text.

    `intervals`: [[from, to], ...] in milliseconds of the recording, sorted and disjoint.
    `segments`: the stretches whose text was shown long enough to be read, merged the same way, as
    evidence of its own kind. `position` is the second where the learner goes on.
    """

    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="playbacks")
    step_key = models.CharField(max_length=63)
    intervals = models.JSONField(default=list)
    seconds = models.PositiveIntegerField(default=0)
    position = models.FloatField(default=0)
    first_beat_at = models.DateTimeField(null=True)
    last_beat_at = models.DateTimeField(null=True)
    segments = models.JSONField(default=list)
    read_seconds = models.PositiveIntegerField(default=0)
    first_read_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("playback")
        constraints = (models.UniqueConstraint(fields=("participation", "step_key"), name="playback_once"),)

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.step_key}"


class ContentEvidence(models.Model):
    """That a content requirement was met, and how. One row per kind and step."""

    append_only = AppendOnly(released=_GOES_WITH_PARTICIPATION)

    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="content_evidence"
    )
    step_key = models.CharField(max_length=63)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    wording = models.TextField(blank=True)

    class Meta:
        verbose_name = _("content evidence")
        verbose_name_plural = _("content evidence")
        constraints = (
            models.UniqueConstraint(
                fields=("participation", "step_key", "kind"), name="content_evidence_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.step_key}"


class HeldEvaluation(models.Model):
    """An evaluation before it is set free from its person.

    Until ten are held for a revision this row could be rejoined with the learner; then a job
    moves them in random order to `assessment.AnonymousResponse` and deletes them here.
    """

    participation = models.OneToOneField(
        Participation, on_delete=models.PROTECT, related_name="held_evaluation"
    )
    revision_sha256 = models.CharField(max_length=64, db_index=True)
    step_key = models.CharField(max_length=63)
    profession_group = models.CharField(max_length=40, blank=True)
    month = models.CharField(max_length=7)
    answers = models.JSONField()

    class Meta:
        verbose_name = _("held evaluation")

    def __str__(self) -> str:
        return f"held for {self.revision_sha256[:12]}"


class Plan(models.Model):
    """The learner's named plan ("I will ..."), with consent to be asked about it later.

    A changed plan is a new row; the newest counts. The text is personal and can be blanked.
    """

    append_only = AppendOnly(blankable=("text",), released=_GOES_WITH_PARTICIPATION)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="plans")
    text = models.TextField()
    ask_in_days = models.PositiveSmallIntegerField(default=0)
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("plan")

    def __str__(self) -> str:
        return f"plan of {self.kept_at:%Y-%m-%d}"
