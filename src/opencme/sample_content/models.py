"""What an installation remembers of its demonstration: by how much the dates were moved."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DemonstrationLoad(models.Model):
    """The one load of the demonstration. Its offset never changes, so neither do the dates."""

    offset_days = models.IntegerField()
    begun_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("load of the demonstration")
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="one_demonstration"),)

    def __str__(self) -> str:
        return str(self.begun_at)
