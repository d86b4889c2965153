"""Application configuration."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Configuration of `opencme.providers`."""

    name = "opencme.providers"
    label = "providers"
    default_auto_field = "django.db.models.BigAutoField"
