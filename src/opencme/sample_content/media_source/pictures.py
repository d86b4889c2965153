"""The drawn pictures that are not slides: thumbnails, the patient of the vignette."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from opencme.sample_content.media_source.slides import (
    ACCENT,
    INK,
    INK_2,
    LINE,
    PAPER,
    TINT,
    sans,
    save,
    serif,
)

SIDE = 384


def draw_all(packages: Path) -> None:
    """Draw every picture into its package."""
    for package, shape in THUMBNAILS.items():
        for name, draw in shape.items():
            image = Image.new("RGB", (SIDE, SIDE), TINT)
            draw(ImageDraw.Draw(image))
            save(image, packages / package / "media" / name)
    patient(packages / "biopsychosocial-conversation" / "media" / "patient.png")


def circles(pen: ImageDraw.ImageDraw) -> None:
    """Three domains that overlap."""
    for x, y in ((192, 148), (148, 224), (236, 224)):
        pen.ellipse((x - 76, y - 76, x + 76, y + 76), outline=ACCENT, width=9)


def gauge(pen: ImageDraw.ImageDraw) -> None:
    """Three measures, side by side."""
    for number, filled in enumerate((0.7, 0.8, 0.6)):
        x = 108 + number * 66
        pen.rectangle((x, 96, x + 36, 288), outline=ACCENT, width=6)
        pen.rectangle((x, 288 - 192 * filled, x + 36, 288), fill=ACCENT)


def branches(pen: ImageDraw.ImageDraw) -> None:
    """One way that opens into several."""
    for y in (104, 162, 222, 280):
        pen.line((100, 192, 176, 192, 228, y, 292, y), fill=ACCENT, width=9, joint="curve")


def lock(pen: ImageDraw.ImageDraw) -> None:
    """Something kept safely."""
    pen.rectangle((116, 184, 268, 296), outline=ACCENT, width=10)
    pen.arc((144, 100, 240, 268), 180, 360, fill=ACCENT, width=10)
    pen.line((192, 224, 192, 258), fill=ACCENT, width=12)


def wave(pen: ImageDraw.ImageDraw) -> None:
    """Days and nights."""
    for number in range(3):
        x = 60 + number * 88
        pen.arc((x, 150, x + 44, 234), 180, 360, fill=ACCENT, width=9)
        pen.arc((x + 44, 150, x + 88, 234), 0, 180, fill=ACCENT, width=9)


def stairs(pen: ImageDraw.ImageDraw) -> None:
    """Small steps."""
    pen.line(
        (64, 288, 128, 288, 128, 232, 192, 232, 192, 176, 256, 176, 256, 120, 320, 120), fill=ACCENT, width=10
    )


THUMBNAILS = {
    "biopsychosocial-conversation": {"picture.png": circles},
    "behavioral-medicine": {"picture.png": branches, "w1.png": gauge, "w2.png": branches, "w3.png": lock},
    "sleep-and-pain": {"picture.png": wave},
    "pacing-in-practice": {"picture.png": stairs},
    "opioid-conversation-draft": {"picture.png": lock},
}


def patient(path: Path) -> None:
    """The week of the invented patient, as she filled in a diary. Legible at 260 pixels' width."""
    image = Image.new("RGB", (720, 500), PAPER)
    pen = ImageDraw.Draw(image)
    days = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
    pain, sleep = (6, 7, 8, 7, 8, 6, 7), (5.5, 5, 4, 5, 4.5, 6, 5)
    pen.text((20, 34), "Pain, 0 to 10", font=sans(36, strong=True), fill=INK, anchor="lm")
    pen.line((20, 152, 700, 152), fill=LINE, width=3)
    pen.text((20, 190), "Sleep, hours", font=sans(36, strong=True), fill=INK, anchor="lm")
    for number, day in enumerate(days):
        x, top = 68 + number * 97, 432 - sleep[number] * 26
        pen.text((x, 104), str(pain[number]), font=serif(56), fill=ACCENT, anchor="mm")
        pen.rectangle((x - 34, top, x + 34, 432), fill=ACCENT)
        pen.text((x, top - 22), f"{sleep[number]:g}", font=sans(34), fill=INK, anchor="mm")
        pen.text((x, 466), day, font=sans(34), fill=INK_2, anchor="mm")
    save(image, path)
