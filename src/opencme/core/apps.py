"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from .append_only import protect_tables, unprotect_tables


class CoreConfig(AppConfig):
    """Re-creates the triggers of append-only tables after each migration."""

    name = "opencme.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A migration that rebuilds a table on SQLite drops its triggers; this puts them back."""
        pre_migrate.connect(unprotect_tables, sender=self, dispatch_uid="opencme.append_only")
        post_migrate.connect(protect_tables, sender=self, dispatch_uid="opencme.append_only")
