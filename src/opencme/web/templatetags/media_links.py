"""Addresses of media files in pages."""

from __future__ import annotations

from django import template
from django.urls import reverse

from opencme.activities.document import MediaRef

register = template.Library()


@register.simple_tag
def media_url(ref: MediaRef) -> str:
    """The address of a public file (pictures); the same as long as the file is the same."""
    return reverse("media", args=[ref.sha256, ref.name])
