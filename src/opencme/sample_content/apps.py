"""Application configuration."""

from django.apps import AppConfig


class SampleContentConfig(AppConfig):
    """Configuration of `opencme.sample_content`."""

    name = "opencme.sample_content"
    label = "sample_content"
    default_auto_field = "django.db.models.BigAutoField"
