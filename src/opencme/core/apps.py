"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .append_only import protect_tables


class CoreConfig(AppConfig):
    """Re-creates the triggers of append-only tables after each migration."""

    name = "opencme.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A migration that rebuilds a table on SQLite drops its triggers; this puts them back."""
        post_migrate.connect(protect_tables, dispatch_uid="opencme.append_only")
