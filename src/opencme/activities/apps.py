"""Application configuration."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Configuration of `opencme.activities`."""

    name = "opencme.activities"
    label = "activities"
    default_auto_field = "django.db.models.BigAutoField"
