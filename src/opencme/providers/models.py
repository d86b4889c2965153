"""Providers and the people in control of content as a provider knows them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.core.models import AuditedStream

from .choices import Standing
from .record import PROVIDER, ProviderRecord


class Provider(AuditedStream):
    """An organization that offers activities. `record` is it as a value."""

    audit_kind: ClassVar[str] = "provider"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=500)
    standing = models.CharField(
        max_length=20, choices=[(standing.value, standing.value) for standing in Standing]
    )
    time_zone = models.CharField(max_length=60)
    record_json = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("provider")

    def __str__(self) -> str:
        return self.name

    @property
    def record(self) -> ProviderRecord:
        """The provider as the value that rules are given."""
        return PROVIDER.validate_python(self.record_json)


class Person(models.Model):
    """Someone in control of content as one provider knows them. No log-in; may link to a user.

    The printed name, letters and biography of an activity stand in its document; these are the
    newest ones, for the faculty page.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="people")
    key = models.SlugField(max_length=63)
    slug = models.SlugField(max_length=80)
    printed_json = models.JSONField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (models.UniqueConstraint(fields=("provider", "key"), name="person_in_provider"),)

    def __str__(self) -> str:
        return str(self.printed_json.get("name", self.key))
