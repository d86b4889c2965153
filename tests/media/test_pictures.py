"""Pictures from outside: only pixels come in, and what was cleaned once stays what it is."""

import io
import random

import pytest
from PIL import Image, ImageFilter
from tests.factories.media import a_picture

from opencme.media.pictures import MAX_SIDE, PictureRefused, Refusal, clean_picture


def encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()


def a_photograph(size=(160, 120)):
    """Something with gradients and noise, as cameras make it."""
    random.seed(7)
    noise = Image.effect_noise(size, 40).filter(ImageFilter.GaussianBlur(2))
    return Image.merge("RGB", (noise, Image.linear_gradient("L").resize(size), noise))


def opened(clean):
    return Image.open(io.BytesIO(clean.content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "1", "CMYK"])
def test_what_was_cleaned_once_stays_byte_for_byte(kind, mode):
    try:
        original = encoded(a_photograph().convert(mode), kind)
    except (OSError, ValueError):
        return  # the type has no such mode
    once = clean_picture(original)
    assert clean_picture(once.content) == once


def test_a_photograph_stays_a_jpeg_and_small():
    original = encoded(a_photograph((640, 480)), "JPEG", quality=95)
    clean = clean_picture(original)
    assert (clean.media_type, clean.suffix) == ("image/jpeg", ".jpg")
    assert len(clean.content) < len(original)


def test_a_drawing_loses_nothing():
    drawing = Image.new("RGB", (50, 40), "white")
    drawing.paste("black", (10, 10, 20, 30))
    clean = clean_picture(encoded(drawing, "PNG"))
    assert (clean.media_type, clean.suffix) == ("image/webp", ".webp")
    assert opened(clean).convert("RGB").tobytes() == drawing.tobytes()


def test_transparency_stays():
    picture = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert opened(clean_picture(encoded(picture, "PNG"))).getpixel((5, 5))[3] == 0


def test_metadata_is_left_behind():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    original = encoded(a_photograph(), "JPEG", exif=exif)
    assert b"taken at home" in original
    assert b"taken at home" not in clean_picture(original).content


def test_a_picture_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_picture(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif))
    assert (clean.width, clean.height) == (20, 40)


def test_a_large_picture_is_scaled_down():
    clean = clean_picture(a_picture(size=(MAX_SIDE * 2, 100)))
    assert (clean.width, clean.height) == (MAX_SIDE, 50)
    assert clean_picture(clean.content) == clean


def test_what_hides_behind_the_pixels_is_left_behind():
    hidden = a_picture() + b"<script>alert(1)</script>"
    assert b"script" not in clean_picture(hidden).content


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"", Refusal.TYPE, id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", Refusal.TYPE, id="SVG"),
        pytest.param(b"<?xml version='1.0'?><svg/>", Refusal.TYPE, id="SVG with a prolog"),
        pytest.param(b"<html>", Refusal.TYPE, id="HTML"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", Refusal.TYPE, id="PostScript"),
        pytest.param(encoded(Image.new("RGB", (9, 9)), "TIFF"), Refusal.TYPE, id="TIFF"),
        pytest.param(b"\x89PNG\r\n\x1a\nnot more", Refusal.UNREADABLE, id="the beginning of a PNG"),
        pytest.param(a_picture()[:50], Refusal.UNREADABLE, id="half a PNG"),
        pytest.param(encoded(a_photograph(), "JPEG")[:900], Refusal.UNREADABLE, id="half a JPEG"),
        pytest.param(a_picture(size=(7000, 7000)), Refusal.BOMB, id="49 million pixels"),
        pytest.param(a_picture(size=(20_000, 20_000)), Refusal.BOMB, id="400 million pixels"),
        pytest.param(bytes(33 * 1024 * 1024), Refusal.BOMB, id="33 MB"),
    ],
)
def test_what_is_refused(content, refusal):
    with pytest.raises(PictureRefused) as refused:
        clean_picture(content)
    assert refused.value.refusal is refusal
