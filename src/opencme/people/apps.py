"""Application configuration."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Configuration of `opencme.people`."""

    name = "opencme.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
