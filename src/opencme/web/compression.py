"""Compresses pages, and leaves alone what is compressed already or is a part of a file."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils.cache import patch_vary_headers

TEXTS = ("text/", "application/json", "application/ld+json", "application/xml", "image/svg+xml")
_LEAST_BYTES = 200
_LEVEL = 3
"""Half the work of the usual level 6, for a page that is a twelfth larger."""
_MOST_PADDING = 100


class CompressPages:
    """Middleware that compresses whole texts with gzip, where the visitor takes it.

    A part of a file (206) carries byte positions of the file as it is, and video is not made
    smaller by trying.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if not _is_worth_it(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")):
            response.content = gzipped(response.content)
            response.headers["Content-Length"] = str(len(response.content))
            response.headers["Content-Encoding"] = "gzip"
            _weaken_validator(response)
        return response


def gzipped(text: bytes) -> bytes:
    """`text` as a gzip file with a name of random length, so that its size tells less (BREACH)."""
    name = b"a" * secrets.randbelow(_MOST_PADDING)
    head = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + name + b"\x00"
    tail = struct.pack("<LL", zlib.crc32(text), len(text) & 0xFFFFFFFF)
    return head + zlib.compress(text, _LEVEL, wbits=-zlib.MAX_WBITS) + tail


def _is_worth_it(response: HttpResponse) -> bool:
    if response.streaming or response.status_code == HTTPStatus.PARTIAL_CONTENT:
        return False
    if response.has_header("Content-Encoding") or len(response.content) < _LEAST_BYTES:
        return False
    return response.headers.get("Content-Type", "").startswith(TEXTS)


def _weaken_validator(response: HttpResponse) -> None:
    """The bytes differ from time to time; what they say does not."""
    validator = response.headers.get("ETag", "")
    if validator.startswith('"'):
        response.headers["ETag"] = "W/" + validator
