"""Slides drawn in the colors and letters of the pages: paper, ink, one accent."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from opencme.sample_content.media_source.narration import NOTICE, ShownSlide

WIDTH, HEIGHT = 1280, 720
LEFT, RIGHT, TOP, FOOT = 96, 1184, 84, 632
PAPER, INK, INK_2, LINE, ACCENT, TINT = "#fdfdfb", "#14242b", "#45555c", "#d5dcdc", "#0b5f73", "#e5f0f2"
FONTS = Path(__file__).parents[2] / "credit" / "render" / "fonts"
COLORS = 32

Pen = ImageDraw.ImageDraw


def serif(size: int) -> ImageFont.FreeTypeFont:
    """The letters of headings and figures."""
    return ImageFont.truetype(str(FONTS / "NotoSerif-SemiBold.ttf"), size)


def sans(size: int, *, strong: bool = False) -> ImageFont.FreeTypeFont:
    """The letters of everything else."""
    return ImageFont.truetype(str(FONTS / f"NotoSans-{'SemiBold' if strong else 'Regular'}.ttf"), size)


def draw_slide(slide: ShownSlide, path: Path) -> None:
    """Draw one slide as a small PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((LEFT, TOP - 24, LEFT + 72, TOP - 18), fill=ACCENT)
    below = _text(pen, slide.title, serif(50), (LEFT, TOP), wide=RIGHT - LEFT, fill=INK, high=62) + 34
    BODIES[slide.kind](pen, slide, below)
    if slide.source:
        pen.line((LEFT, FOOT, RIGHT, FOOT), fill=LINE, width=2)
        _text(pen, slide.source, sans(23), (LEFT, FOOT + 14), wide=RIGHT - LEFT, fill=INK_2, high=30)
    save(image, path)


def save(image: Image.Image, path: Path) -> None:
    """Save with few colors: a slide is a few tens of kilobytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def _notice(pen: Pen, slide: ShownSlide, top: int) -> None:
    for line in slide.lines:
        top = _text(pen, line, sans(36), (LEFT, top), wide=RIGHT - LEFT, fill=INK, high=50) + 8
    pen.rectangle((LEFT, 500, RIGHT, 642), fill=TINT)
    pen.rectangle((LEFT, 500, LEFT + 6, 642), fill=ACCENT)
    _text(pen, NOTICE, sans(28), (LEFT + 34, 518), wide=RIGHT - LEFT - 68, fill=INK, high=38)


def _figures(pen: Pen, slide: ShownSlide, top: int) -> None:
    step = min(150, (FOOT - top) // len(slide.lines))
    for line in slide.lines:
        figure, _, words = line.partition(" | ")
        pen.text(
            (LEFT, top + step // 2),
            figure,
            font=serif(72 if len(figure) < 7 else 60),
            fill=ACCENT,
            anchor="lm",
        )
        rows = _rows(words, sans(34), RIGHT - 420)
        at = top + step // 2 - (len(rows) - 1) * 22
        for row in rows:
            pen.text((420, at), row, font=sans(34), fill=INK, anchor="lm")
            at += 44
        top += step


def _quote(pen: Pen, slide: ShownSlide, top: int) -> None:
    for line in slide.lines:
        bottom = _text(pen, line, serif(40), (LEFT + 40, top), wide=RIGHT - LEFT - 40, fill=INK, high=56)
        pen.rectangle((LEFT, top + 8, LEFT + 5, bottom - 6), fill=ACCENT)
        top = bottom + 36


def _list(pen: Pen, slide: ShownSlide, top: int) -> None:
    gap = 30 if len(slide.lines) < 5 else 18
    for line in slide.lines:
        pen.rectangle((LEFT, top + 18, LEFT + 22, top + 24), fill=ACCENT)
        top = _text(pen, line, sans(36), (LEFT + 50, top), wide=RIGHT - LEFT - 50, fill=INK, high=48) + gap


def _circles(pen: Pen, slide: ShownSlide, top: int) -> None:
    reach = 150
    centers = ((400, top + reach - 4), (300, top + reach + 150), (500, top + reach + 150))
    reach = 138
    for x, y in centers:
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=ACCENT, width=5)
    for (x, y), line, shift in zip(centers, slide.lines, ((0, -40), (-34, 34), (40, 34)), strict=True):
        name = line.partition(" | ")[0]
        pen.text((x + shift[0], y + shift[1]), name, font=sans(25, strong=True), fill=INK, anchor="mm")
    for line, y in zip(slide.lines, (top + 60, top + 190, top + 320), strict=True):
        name, _, words = line.partition(" | ")
        pen.text((720, y), name, font=sans(32, strong=True), fill=ACCENT, anchor="lm")
        pen.text((720, y + 44), words, font=sans(32), fill=INK, anchor="lm")


def _loop(pen: Pen, slide: ShownSlide, top: int) -> None:
    center, across, down = (640, (top + FOOT) // 2), 330, 150
    places = []
    for number in range(len(slide.lines)):
        angle = -math.pi / 2 + number * 2 * math.pi / len(slide.lines)
        places.append((center[0] + across * math.cos(angle), center[1] + down * math.sin(angle)))
    box = (center[0] - across, center[1] - down, center[0] + across, center[1] + down)
    pen.ellipse(box, outline=ACCENT, width=5)
    for number in range(len(places)):
        _arrow_head(pen, center, across, down, -math.pi / 2 + (number + 0.5) * 2 * math.pi / len(places))
    for (x, y), line in zip(places, slide.lines, strict=True):
        half = pen.textlength(line, font=sans(36, strong=True)) / 2 + 24
        pen.rectangle((x - half, y - 34, x + half, y + 34), fill=PAPER)
        pen.text((x, y), line, font=sans(36, strong=True), fill=INK, anchor="mm")


def _arrow_head(pen: Pen, center: tuple[int, int], across: int, down: int, angle: float) -> None:
    x, y = center[0] + across * math.cos(angle), center[1] + down * math.sin(angle)
    along = math.atan2(down * math.cos(angle), -across * math.sin(angle))
    tips = [(x + 16 * math.cos(along + turn), y + 16 * math.sin(along + turn)) for turn in (0, 2.5, -2.5)]
    pen.polygon(tips, fill=ACCENT)


def _stairs(pen: Pen, slide: ShownSlide, top: int) -> None:
    wide, step = (RIGHT - LEFT) / len(slide.lines), (FOOT - 60 - top - 40) / max(1, len(slide.lines) - 1)
    x, y = float(LEFT), float(FOOT - 60)
    for number, line in enumerate(slide.lines):
        pen.line((x, y, x + wide, y), fill=ACCENT, width=6)
        rows = len(_rows(line, sans(29), int(wide) - 16))
        _text(
            pen, line, sans(29), (int(x) + 12, int(y) - 8 - 38 * rows), wide=int(wide) - 16, fill=INK, high=38
        )
        x += wide
        if number + 1 < len(slide.lines):
            pen.line((x, y, x, y - step), fill=ACCENT, width=6)
            y -= step


def _columns(pen: Pen, slide: ShownSlide, top: int) -> None:
    wide = (RIGHT - LEFT) // len(slide.lines)
    for number, line in enumerate(slide.lines):
        head, _, words = line.partition(" | ")
        x = LEFT + number * wide
        pen.rectangle((x, top, x + wide - 36, top + 5), fill=ACCENT)
        below = _text(pen, head, sans(34, strong=True), (x, top + 26), wide=wide - 44, fill=INK, high=44) + 14
        for part in words.split("; "):
            below = _text(pen, part, sans(30), (x, below), wide=wide - 44, fill=INK, high=40) + 12


BODIES: dict[str, Callable[[Pen, ShownSlide, int], None]] = {
    "notice": _notice,
    "figures": _figures,
    "quote": _quote,
    "list": _list,
    "circles": _circles,
    "loop": _loop,
    "stairs": _stairs,
    "columns": _columns,
}


def _text(
    pen: Pen,
    words: str,
    font: ImageFont.FreeTypeFont,
    at: tuple[int, int],
    *,
    wide: int,
    fill: str,
    high: int,
) -> int:
    x, y = at
    for row in _rows(words, font, wide):
        pen.text((x, y), row, font=font, fill=fill)
        y += high
    return y


def _rows(words: str, font: ImageFont.FreeTypeFont, wide: int) -> list[str]:
    rows = [""]
    for word in words.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and font.getlength(longer) > wide:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows
