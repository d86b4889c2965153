"""Sends media files: signed, in parts that are read whole, never streamed."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header, parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from opencme.media.files import path_of
from opencme.media.links import is_good_address, needs_signature
from opencme.media.models import MediaFile
from opencme.media.ranges import Part, RangeNotSatisfiable, part_asked_for

LARGEST_WHOLE = 16 * 1024 * 1024
"""The largest file sent in one answer to a request without a range; players always send one."""

YEAR = 365 * 24 * 60 * 60
SHOWN_IN_PLACE = ("image/", "video/", "audio/", "text/vtt", "application/pdf")


class Stored(TypedDict):
    """What never changes about a file."""

    media_type: str
    length: int


@require_safe
def media(request: HttpRequest, sha256: str, name: str) -> HttpResponse:
    """One file by its hash; `name` is what it is called when saved."""
    stored = _stored(sha256)
    signed = needs_signature(stored["media_type"])
    if signed and not _may_fetch(request, sha256):
        return _ended()
    etag = f'"{sha256}"'
    if _has_it(request, etag):
        response = HttpResponse(status=304)
    else:
        response = _body(request, sha256, stored, etag)
        response["Content-Disposition"] = _disposition(stored["media_type"], name)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = f"{'private' if signed else 'public'}, max-age={YEAR}, immutable"
    return response


def _stored(sha256: str) -> Stored:
    cache = caches["immutable"]
    known: Stored | None = cache.get(f"media:{sha256}")
    if known is None:
        row = MediaFile.objects.filter(sha256=sha256).values("media_type", "length").first()
        if row is None:
            raise Http404
        known = Stored(media_type=row["media_type"], length=row["length"])
        cache.set(f"media:{sha256}", known)
    return known


def _may_fetch(request: HttpRequest, sha256: str) -> bool:
    return is_good_address(
        sha256,
        until=request.GET.get("until", ""),
        signature=request.GET.get("key", ""),
        at=timezone.now(),
    )


def _ended() -> HttpResponse:
    message = _(
        "The address of this file has ended. Go back to the page it stands on and load that page again."
    )
    return HttpResponse(message, status=403, content_type="text/plain; charset=utf-8")


def _has_it(request: HttpRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in known or f"W/{etag}" in known


def _body(request: HttpRequest, sha256: str, stored: Stored, etag: str) -> HttpResponse:
    if settings.OPENCME_MEDIA_ACCEL_PREFIX:
        return _handed_over(sha256, stored)
    try:
        part = _part(request, stored, etag)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{stored['length']}"})
    if part is None:
        return _whole(request, sha256, stored)
    response = HttpResponse(_bytes(sha256, part), status=206, content_type=stored["media_type"])
    response["Content-Range"] = part.content_range
    return response


def _part(request: HttpRequest, stored: Stored, etag: str) -> Part | None:
    """Return the part to send; ranges are defined for GET alone, and If-Range must name this file."""
    header = request.headers.get("Range", "")
    if request.method != "GET" or not header or request.headers.get("If-Range", etag) != etag:
        return None
    return part_asked_for(header, length=stored["length"])


def _whole(request: HttpRequest, sha256: str, stored: Stored) -> HttpResponse:
    if request.method == "HEAD":
        return _without_body(stored)
    if stored["length"] > LARGEST_WHOLE:
        message = _("This file is too large to be sent at once. Ask for it in ranges.")
        return HttpResponse(message, status=400, content_type="text/plain; charset=utf-8")
    everything = Part(0, stored["length"], stored["length"])
    return HttpResponse(_bytes(sha256, everything), content_type=stored["media_type"])


def _without_body(stored: Stored) -> HttpResponse:
    return HttpResponse(content_type=stored["media_type"], headers={"Content-Length": str(stored["length"])})


def _bytes(sha256: str, part: Part) -> bytes:
    try:
        with path_of(sha256).open("rb") as stream:
            stream.seek(part.start)
            return stream.read(part.end - part.start)
    except FileNotFoundError as error:
        raise Http404 from error


def _handed_over(sha256: str, stored: Stored) -> HttpResponse:
    """Let the web server in front send the file, ranges included."""
    prefix = settings.OPENCME_MEDIA_ACCEL_PREFIX.rstrip("/")
    where = path_of(sha256).relative_to(settings.MEDIA_ROOT).as_posix()
    return HttpResponse(content_type=stored["media_type"], headers={"X-Accel-Redirect": f"{prefix}/{where}"})


def _disposition(media_type: str, name: str) -> str:
    attached = not media_type.startswith(SHOWN_IN_PLACE)
    return content_disposition_header(attached, name) or "inline"
