"""Media files under their hash."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from opencme.core.append_only import AppendOnly


class MediaFile(models.Model):
    """A file by its content. The bytes lie under the hash and are never overwritten."""

    append_only = AppendOnly()

    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=100)
    length = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()

    class Meta:
        verbose_name = _("media file")

    def __str__(self) -> str:
        return f"{self.media_type} {self.sha256[:12]}"
