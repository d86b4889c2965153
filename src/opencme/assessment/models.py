"""Responses to confidential evaluations."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.core.append_only import AppendOnly


class AnonymousResponse(models.Model):
    """One evaluation without its person: no time, no participation, no idempotency key, no order.

    The primary key is random, so that no sequence tells who came when. `month` and
    `profession_group` are blank where their cell would be under five.
    """

    append_only = AppendOnly()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    revision_sha256 = models.CharField(max_length=64, db_index=True)
    step_key = models.CharField(max_length=63)
    profession_group = models.CharField(max_length=40, blank=True)
    month = models.CharField(max_length=7, blank=True)
    answers = models.JSONField()

    class Meta:
        verbose_name = _("anonymous response")

    def __str__(self) -> str:
        return f"response to {self.revision_sha256[:12]}"
