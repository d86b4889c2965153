"""Pictures from outside: decoded within bounds and encoded anew, so that only pixels come in."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps

MAX_PIXELS = 40_000_000
MAX_SIDE = 2560
MAX_BYTES = 32 * 1024 * 1024
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
JPEG_ROUNDS = 8
SUFFIXES = {"image/jpeg": ".jpg", "image/webp": ".webp"}


class Refusal(StrEnum):
    """Why a picture is not taken."""

    TYPE = "type"
    UNREADABLE = "unreadable"
    BOMB = "bomb"


class PictureRefused(Exception):
    """The picture cannot be taken in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture as it is kept and sent."""

    content: bytes
    media_type: str
    width: int
    height: int

    @property
    def suffix(self) -> str:
        """The file name suffix of what the picture has become."""
        return SUFFIXES[self.media_type]


def clean_picture(content: bytes) -> CleanPicture:
    """Decode a picture and encode its pixels anew, turned upright, without metadata; large ones scaled down.

    What has been cleaned once stays byte for byte what it is, so a package comes out as it went in.
    Raises ``PictureRefused`` for other types (SVG above all), for broken files, and for files that
    would unpack beyond all measure.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused(Refusal.BOMB)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large pictures; the bound below is ours
        opened = _opened(content)
        is_photograph = opened.format == "JPEG"
        picture = _upright(opened)
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    settled = _settled_jpeg(bare) if is_photograph else None
    if settled is not None:
        return CleanPicture(settled, "image/jpeg", *bare.size)
    return CleanPicture(_webp(bare), "image/webp", *bare.size)


def _opened(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureRefused(Refusal.BOMB) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(_refusal_of(content)) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureRefused(Refusal.BOMB)
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    try:
        upright: Image.Image = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA" if has_alpha else "RGB")
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureRefused(Refusal.UNREADABLE) from error


def _settled_jpeg(picture: Image.Image) -> bytes | None:
    """Return a JPEG that decodes and encodes to itself, where one is found in a few rounds.

    A photograph without loss would weigh three times as much.
    """
    before = b""
    for _ in range(JPEG_ROUNDS):
        buffer = io.BytesIO()
        picture.save(buffer, format="JPEG", quality=85, subsampling=0, optimize=True)
        if buffer.getvalue() == before:
            return before
        before = buffer.getvalue()
        picture = Image.open(buffer, formats=("JPEG",)).convert("RGB")
    return None


def _webp(picture: Image.Image) -> bytes:
    """Encode without loss, which keeps drawings crisp and gives the same bytes for the same pixels."""
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", lossless=True, quality=80, method=4, exact=True)
    return buffer.getvalue()


def _refusal_of(content: bytes) -> Refusal:
    start = content[:512].lstrip().lower()
    known = start.startswith((b"\x89png", b"\xff\xd8", b"gif8", b"riff"))
    return Refusal.UNREADABLE if known else Refusal.TYPE
