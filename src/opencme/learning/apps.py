"""Application configuration."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Configuration of `opencme.learning`."""

    name = "opencme.learning"
    label = "learning"
    default_auto_field = "django.db.models.BigAutoField"
