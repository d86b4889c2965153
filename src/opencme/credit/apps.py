"""Application configuration."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Configuration of `opencme.credit`."""

    name = "opencme.credit"
    label = "credit"
    default_auto_field = "django.db.models.BigAutoField"
