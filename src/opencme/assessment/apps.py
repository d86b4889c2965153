"""Application configuration."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Configuration of `opencme.assessment`."""

    name = "opencme.assessment"
    label = "assessment"
    default_auto_field = "django.db.models.BigAutoField"
