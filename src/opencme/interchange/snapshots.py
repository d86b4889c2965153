"""The page that is kept with a revision: drawn by the interface, asked for from below."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from opencme.activities.operations import RenderSnapshot


def snapshot_renderer() -> RenderSnapshot:
    """Return the function that the settings name."""
    renderer: RenderSnapshot = import_string(settings.OPENCME_PAGE_SNAPSHOT)
    return renderer
