"""Compresses pages, and leaves alone what is compressed already or is a part of a file."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/ld+json", "application/xml", "image/svg+xml")


class CompressPages(GZipMiddleware):
    """Django's compression for whole texts only.

    A part of a file (206) carries byte positions of the file as it is, and video is not made
    smaller by trying.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the response where that is right and of use."""
        is_part = response.status_code == HTTPStatus.PARTIAL_CONTENT
        if is_part or not response.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
