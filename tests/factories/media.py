"""Small files that are what they say, made in memory."""

import io

from PIL import Image


def an_mp4(*, seconds: int = 540, handler: bytes = b"vide", padding: int = 64) -> bytes:
    """An MP4 without frames: its boxes say a track of one kind and a length."""
    header = bytes(12) + (1000).to_bytes(4) + (seconds * 1000).to_bytes(4) + bytes(80)
    track = _box(b"trak", _box(b"mdia", _box(b"hdlr", bytes(8) + handler + bytes(13))))
    return b"".join(
        (
            _box(b"ftyp", b"isom" + bytes(4) + b"isommp42"),
            _box(b"moov", _box(b"mvhd", header) + track),
            _box(b"mdat", bytes(padding)),
        )
    )


def a_webvtt(*, text: str = "First we listen.", seconds: int = 540) -> bytes:
    """Captions of two cues."""
    half = f"{seconds // 120:02}:{seconds // 2 % 60:02}.000"
    end = f"{seconds // 60:02}:{seconds % 60:02}.000"
    return f"WEBVTT\n\n00:00.000 --> {half}\n{text}\n\n{half} --> {end}\nThen we plan.\n".encode()


def a_picture(*, size: tuple[int, int] = (40, 30), color: str = "teal", kind: str = "PNG") -> bytes:
    """A picture of one color."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, format=kind)
    return buffer.getvalue()


def _box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + name + body
