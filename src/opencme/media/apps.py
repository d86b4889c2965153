"""Application configuration."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """Configuration of `opencme.media`."""

    name = "opencme.media"
    label = "media"
    default_auto_field = "django.db.models.BigAutoField"
