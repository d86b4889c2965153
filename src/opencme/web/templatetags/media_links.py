"""Addresses of media files in pages."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from opencme.activities.document import MediaRef
from opencme.media.links import end_of_address, needs_signature, signature_of

register = template.Library()


@register.simple_tag
def media_url(ref: MediaRef) -> str:
    """The address of a file.

    That of a picture is the same as long as the file is the same. All other files have a signed
    address that changes with the day: it belongs on pages that are made for each request.
    """
    address = reverse("media", args=[ref.sha256, ref.name])
    if not needs_signature(ref.media_type):
        return address
    until = end_of_address(timezone.now())
    return f"{address}?{urlencode({'until': until, 'key': signature_of(ref.sha256, until=until)})}"
