"""What a media file is, told by its bytes and never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_BOXES = 10_000
_CONTAINERS = {b"moov", b"trak", b"mdia"}


@dataclass(frozen=True, slots=True)
class Recognized:
    """The type of a file, and its length in seconds where the container says it."""

    media_type: str
    seconds: float | None = None

    @property
    def is_video(self) -> bool:
        """Whether the file has a picture that moves."""
        return self.media_type.startswith("video/")

    @property
    def is_audio(self) -> bool:
        """Whether the file is sound alone."""
        return self.media_type.startswith("audio/")


class NotRecognized(Exception):
    """The bytes are none of the types that browsers play and we send."""


def recognize(path: Path) -> Recognized:
    """Tell what the file is. Raises ``NotRecognized``."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(0)
        if head[4:8] == b"ftyp":
            return _mp4(stream, path.stat().st_size)
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]:
        return Recognized("video/webm" if b"V_" in head else "audio/webm")
    if head.startswith(b"OggS"):
        return Recognized("audio/ogg")
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return Recognized("audio/mpeg")
    if head.startswith(b"%PDF-"):
        return Recognized("application/pdf")
    raise NotRecognized


def _mp4(stream: BinaryIO, size: int) -> Recognized:
    handlers: set[bytes] = set()
    seconds: float | None = None
    for name, body in _boxes(stream, 0, size):
        if name == b"hdlr":
            handlers.add(body[8:12])
        elif name == b"mvhd":
            seconds = _duration(body)
    if b"vide" in handlers:
        return Recognized("video/mp4", seconds)
    if b"soun" in handlers:
        return Recognized("audio/mp4", seconds)
    raise NotRecognized


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the first bytes of each box, those inside a movie's tracks among them."""
    position, count = start, 0
    while position + 8 <= end and count < MAX_BOXES:
        count += 1
        stream.seek(position)
        head = stream.read(16)
        length, name, header = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1:
            length, header = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = end - position
        if length < header or position + length > end:
            raise NotRecognized  # truncated, or never an MP4
        if name in _CONTAINERS:
            yield from _boxes(stream, position + header, position + length)
        elif name in (b"hdlr", b"mvhd"):
            stream.seek(position + header)
            yield name, stream.read(32)
        position += length


def _duration(body: bytes) -> float | None:
    wide = body[:1] == b"\x01"
    scale = int.from_bytes(body[20:24] if wide else body[12:16])
    length = int.from_bytes(body[24:32] if wide else body[16:20])
    return length / scale if scale else None
